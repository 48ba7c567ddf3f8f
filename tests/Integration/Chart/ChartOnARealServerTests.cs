using PushPlatform.LocalCluster.Servers;
using PushPlatform.Tests.Integration.LocalCluster;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>The chart's life on the real API server that the environment names (<c>KUBE_BIN_DIR</c>), which knows things that no schema says.</summary>
public sealed class ChartOnARealServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InstallUpgradeAndUninstall_AreTaken_AndWhatTheServerLacksIsLeftOut()
    {
        string? binaries = Environment.GetEnvironmentVariable("KUBE_BIN_DIR");
        Assert.SkipUnless(binaries is { Length: > 0 }, "KUBE_BIN_DIR (a folder with kube-apiserver) names no real API server");
        await using KubeApiServer server = await KubeApiServer.StartAsync(binaries, Token);
        Kubectl kubectl = new(server.KubeconfigPath, Path.GetDirectoryName(server.KubeconfigPath)!);
        string[] release = [Helm.Release, Helm.Chart, "--namespace", Helm.Namespace, "--values", Helm.PathOf("trial-values.yaml"), "--set", "networkPolicy.enabled=true,ingress.enabled=true"];

        await HelmAsync(server, ["install", .. release, "--create-namespace"]);
        string password = await kubectl.SucceedAsync(null, "get", "secret", "push-platform-servers", "-n", Helm.Namespace, "-o", "jsonpath={.data.password}");
        await HelmAsync(server, ["upgrade", .. release, "--set", "pool.spec.replicas=5"]);

        (await kubectl.SucceedAsync(null, "get", "ppool", "default", "-n", Helm.Namespace, "-o", "jsonpath={.spec.replicas}")).ShouldBe("5");
        (await kubectl.SucceedAsync(null, "get", "secret", "push-platform-servers", "-n", Helm.Namespace, "-o", "jsonpath={.data.password}")).ShouldBe(password);
        string versions = await kubectl.SucceedAsync(null, "api-versions");
        string manifest = await HelmAsync(server, ["get", "manifest", Helm.Release, "--namespace", Helm.Namespace]);
        manifest.Contains("kind: PodDisruptionBudget", StringComparison.Ordinal).ShouldBe(versions.Split('\n').Contains("policy/v1"));

        await HelmAsync(server, ["uninstall", Helm.Release, "--namespace", Helm.Namespace]);
        await kubectl.SucceedAsync(null, "get", "ppool", "default", "-n", Helm.Namespace);
    }

    private static async Task<string> HelmAsync(KubeApiServer server, string[] arguments)
    {
        (int code, string output) = await Helm.RunAsync(arguments, server.KubeconfigPath);
        code.ShouldBe(0, output);
        return output;
    }
}
