using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>The real kubectl, as <c>e2e/tools</c> installs it.</summary>
internal sealed class Kubectl(string kubeconfig, string homeFolder)
{
    private static readonly CommandLineTool Program = new("kubectl");

    /// <summary>Runs to the end, at most a minute. The exit code, and both streams together.</summary>
    public Task<(int Code, string Output)> RunAsync(string? input, params IEnumerable<string> arguments) =>
        // Its caches of discovery lie below HOME.
        Program.RunAsync(new() { ["KUBECONFIG"] = kubeconfig, ["HOME"] = homeFolder }, input, arguments);

    /// <summary>Runs a line of shell that calls kubectl, and expects success.</summary>
    public async Task ShellAsync(string line)
    {
        (int code, string output) = await Program.ShellAsync(new() { ["KUBECONFIG"] = kubeconfig, ["HOME"] = homeFolder }, line);
        Assert.True(code == 0, $"{line}: {output}");
    }

    /// <summary>Runs to the end and expects success.</summary>
    public async Task<string> SucceedAsync(string? input, params IEnumerable<string> arguments)
    {
        (int code, string output) = await RunAsync(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
