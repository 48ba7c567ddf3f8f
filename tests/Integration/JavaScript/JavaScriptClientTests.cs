using System.Diagnostics;
using System.Text.RegularExpressions;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.JavaScript;

/// <summary>The JavaScript client under Node: against the vectors, and against a node and a clock that a test moves (push-client.test.mjs).</summary>
public sealed partial class JavaScriptClientTests
{
    private static readonly string Root = Checkout.OfThisBuild().Root;

    [Fact]
    public async Task ItsTests_UnderNode_AllPass()
    {
        (int code, string output) = await RunNodeAsync("--test", "--test-reporter=tap", Path.Combine(Root, "tests/Integration/JavaScript/push-client.test.mjs"));

        code.ShouldBe(0, output);
        // 15 frames, 25 ends with the least and the most jitter, and what else there is: none is left out.
        int passed = int.Parse(Count().Match(output).Groups["passed"].Value);
        passed.ShouldBeGreaterThanOrEqualTo(80, output);
        output.ShouldContain("# skipped 0");
    }

    [Fact]
    public void ItsOneFile_HasAtMost150Lines_AndImportsNothing()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "push-node/VehicleClient/js/push-client.js"));

        lines.Length.ShouldBeLessThanOrEqualTo(150);
        lines.ShouldNotContain(line => line.Contains("import ", StringComparison.Ordinal) || line.Contains("require(", StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output)> RunNodeAsync(params string[] arguments)
    {
        using Process node = Process.Start(new ProcessStartInfo("node", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (node.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"^# pass (?<passed>\d+)$", RegexOptions.Multiline)]
    private static partial Regex Count();
}
