using System.Diagnostics;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>A tool of <c>e2e/tools</c> as a person would type it.</summary>
internal static class CommandLine
{
    private static readonly string Tools = Path.Combine(Checkout.OfThisBuild().Root, "e2e", "tools");

    /// <param name="tool">Its name.</param>
    /// <param name="input">What it reads, if anything.</param>
    /// <param name="arguments">What is typed behind its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its exit code, and what it said.</returns>
    public static async Task<(int Code, string Said)> TryAsync(string tool, string? input, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo info = new("bash", ["-c", "tool=$(\"$0\" \"$1\") && shift && exec \"$tool\" \"$@\"", Tools, tool, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(info) ?? throw new InvalidOperationException("bash did not start.");
        await process.StandardInput.WriteAsync((input ?? "").AsMemory(), cancellationToken);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, $"{await output}{await error}".Trim());
    }
}
