using System.Diagnostics;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>kubectl as a person would type it, for what is a person's to do.</summary>
internal sealed class Kubectl(string space)
{
    private static readonly string Tools = Path.Combine(Checkout.OfThisBuild().Root, "e2e", "tools");

    /// <exception cref="InvalidOperationException">It failed; says what it said.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        (int code, string said) = await TryAsync(null, cancellationToken, arguments);
        return code == 0 ? said : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {said}");
    }

    /// <param name="input">What it reads, if anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">What is typed behind the namespace.</param>
    /// <returns>Its exit code, and what it said.</returns>
    public async Task<(int Code, string Said)> TryAsync(string? input, CancellationToken cancellationToken, params string[] arguments)
    {
        ProcessStartInfo info = new("bash", ["-c", "exec \"$(\"$0\" kubectl)\" \"$@\"", Tools, "--namespace", space, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process kubectl = Process.Start(info) ?? throw new InvalidOperationException("bash did not start.");
        await kubectl.StandardInput.WriteAsync((input ?? "").AsMemory(), cancellationToken);
        kubectl.StandardInput.Close();
        Task<string> output = kubectl.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = kubectl.StandardError.ReadToEndAsync(cancellationToken);
        await kubectl.WaitForExitAsync(cancellationToken);
        return (kubectl.ExitCode, $"{await output}{await error}".Trim());
    }
}
