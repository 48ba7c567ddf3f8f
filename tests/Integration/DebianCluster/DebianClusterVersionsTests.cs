using System.Diagnostics;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.DebianCluster;

/// <summary>The table of what releases of Kubernetes and containerd want (<c>e2e/debian-cluster/versions</c>).</summary>
public sealed class DebianClusterVersionsTests
{
    private const string Endpoint = "unix:///run/containerd/containerd.sock";

    [Theory]
    [InlineData(20, "--container-runtime=remote", $"--container-runtime-endpoint={Endpoint}")]
    [InlineData(23, "--container-runtime=remote", $"--container-runtime-endpoint={Endpoint}")]
    [InlineData(24, $"--container-runtime-endpoint={Endpoint}")]
    [InlineData(26, $"--container-runtime-endpoint={Endpoint}")]
    [InlineData(27)]
    [InlineData(36)]
    public async Task KubeletFlags_OfARelease_NameTheRuntimeAsItWants(int minor, params string[] flags) =>
        (await PrintedAsync($"kubelet_flags {minor}")).ShouldBe(flags);

    [Theory]
    [InlineData(20, 1, false, false)]
    [InlineData(26, 2, false, false)]
    [InlineData(27, 1, true, false)]
    [InlineData(34, 1, true, false)]
    [InlineData(35, 1, true, true)]
    [InlineData(36, 1, true, true)]
    [InlineData(36, 2, true, false)]
    public async Task KubeletConfig_OfARelease_HasTheFieldsItKnows(int minor, int cgroups, bool endpoint, bool oldCgroups)
    {
        IReadOnlyList<string> config = await PrintedAsync($"kubelet_config {minor} {cgroups} /push-cluster-7 10.213.7.2");
        config.Contains($"containerRuntimeEndpoint: {Endpoint}").ShouldBe(endpoint);
        config.Contains("failCgroupV1: false").ShouldBe(oldCgroups);
        config.ShouldContain("cgroupRoot: /push-cluster-7");
        config.ShouldContain("clusterDNS: [10.213.7.2]");
    }

    [Theory]
    [InlineData(1, "version = 2", "  sandbox_image = \"localhost/pause:3\"")]
    [InlineData(2, "version = 3", "  sandbox = \"localhost/pause:3\"")]
    public async Task ContainerdConfig_OfARelease_NamesThePauseImageAsItWants(int major, string version, string pause)
    {
        IReadOnlyList<string> config = await PrintedAsync($"containerd_config {major}");
        config.ShouldContain(version);
        config.ShouldContain(pause);
        config.ShouldContain("  restrict_oom_score_adj = true");
    }

    [Theory]
    [InlineData("Kubernetes v1.20.2", "20")]
    [InlineData("Kubernetes v1.36.0-alpha.1", "36")]
    public async Task KubeMinor_OfWhatAProgramSays_IsTheRelease(string says, string minor) =>
        (await PrintedAsync($"program() {{ echo '{says}'; }}; kube_minor program")).ShouldBe([minor]);

    [Theory]
    [InlineData("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3", "1")]
    [InlineData("containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376", "2")]
    public async Task ContainerdMajor_OfWhatItSays_IsTheRelease(string says, string major) =>
        (await PrintedAsync($"containerd() {{ echo '{says}'; }}; containerd_major")).ShouldBe([major]);

    /// <summary>The lines that commands print which know the table.</summary>
    private static async Task<IReadOnlyList<string>> PrintedAsync(string commands)
    {
        string table = Path.Combine(ResourceTable.Root, "e2e", "debian-cluster", "versions");
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-euc", $". '{table}'; {commands}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        bash.ExitCode.ShouldBe(0);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
