using System.Diagnostics;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The specs of <c>tests/Integration</c> that ask the API server of <c>KUBECONFIG</c>, as a process of their own.</summary>
internal static class SpecSuite
{
    // One of them waits for a bookmark, which a server sends once a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <exception cref="TimeoutException">They hang.</exception>
    /// <exception cref="InvalidOperationException">They ended without a result.</exception>
    public static async Task<SpecReport> RunAsync(CancellationToken cancellationToken)
    {
        string result = Path.Combine(Path.GetTempPath(), $"push-specs-{Guid.NewGuid():n}.json");
        try
        {
            string said = await ToItsEndAsync(result, cancellationToken);
            return File.Exists(result) ? SpecReport.Read(await File.ReadAllTextAsync(result, cancellationToken)) : throw new InvalidOperationException($"The specs ended without a result: {said}");
        }
        finally
        {
            File.Delete(result);
        }
    }

    private static async Task<string> ToItsEndAsync(string result, CancellationToken cancellationToken)
    {
        Checkout checkout = Checkout.OfThisBuild();
        string suite = Path.Combine(checkout.Root, "tests", "Integration", "bin", checkout.Configuration, "net10.0", "PushPlatform.Tests.Integration.dll");
        ProcessStartInfo info = new("dotnet", [suite, "-class", "*.NamedServer*", "-noLogo", "-noColor", "-ctrf", result])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It would have them start a server of their own.
        info.Environment.Remove("KUBE_BIN_DIR");
        using Process specs = Process.Start(info) ?? throw new InvalidOperationException("dotnet did not start.");
        try
        {
            Task<string> output = specs.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> error = specs.StandardError.ReadToEndAsync(CancellationToken.None);
            await specs.WaitForExitAsync(cancellationToken).WaitAsync(Longest, cancellationToken);
            return $"{await output}{await error}".Trim();
        }
        finally
        {
            if (!specs.HasExited)
            {
                specs.Kill(entireProcessTree: true);
            }
        }
    }
}
