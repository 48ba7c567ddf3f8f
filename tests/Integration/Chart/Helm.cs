using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.LocalCluster;
using PushPlatform.Tests.Resources;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>The real helm, as <c>e2e/tools</c> installs it, and our chart.</summary>
internal static class Helm
{
    public const string Release = "push-platform";
    public const string Namespace = "fleet";

    /// <summary>Of the bundled servers, in what <see cref="RenderAsync(string, IEnumerable{string})"/> renders: one that is made up would be another one each time.</summary>
    public const string Password = "onlyforci";

    private static readonly CommandLineTool Program = new("helm");

    public static string Chart { get; } = Path.Combine(ResourceTable.Root, "charts", "push-platform");

    /// <summary>The sets of values that are rendered in every run of the tests.</summary>
    public static TheoryData<string> ValueFiles { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Chart, "ci"), "*-values.yaml").Select(file => Path.GetFileName(file)).Order()];

    public static string PathOf(string valueFile) => Path.Combine(Chart, "ci", valueFile);

    /// <summary>Runs to the end, at most a minute. The exit code, and both streams together.</summary>
    /// <param name="arguments">What helm is told.</param>
    /// <param name="kubeconfig">Null: no cluster may be asked.</param>
    public static Task<(int Code, string Output)> RunAsync(IEnumerable<string> arguments, string? kubeconfig = null) => Program.RunAsync(
        // Nobody's own configuration, plugins or caches.
        new() { ["KUBECONFIG"] = kubeconfig ?? "/dev/null", ["HELM_DRIVER"] = "secret", ["HOME"] = "/nonexistent" }, null, arguments);

    /// <summary>The objects of a release with one of the <c>ci/</c> values.</summary>
    public static Task<IReadOnlyList<JsonObject>> RenderAsync(string valueFile, params IEnumerable<string> more) =>
        RenderAsync(["--values", PathOf(valueFile), "--set", $"bundledPassword={Password}", .. more]);

    /// <summary>The objects of a release.</summary>
    /// <param name="arguments">What helm is told.</param>
    /// <param name="kubeconfig">Of a cluster that the templates may ask; null: there is none.</param>
    public static async Task<IReadOnlyList<JsonObject>> RenderAsync(IEnumerable<string> arguments, string? kubeconfig = null)
    {
        (int code, string output) = await RunAsync(["template", Release, Chart, "--namespace", Namespace, .. arguments], kubeconfig);
        Assert.True(code == 0, output);
        return YamlJson.Documents(output);
    }
}
