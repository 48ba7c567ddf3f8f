using System.Diagnostics;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>The real kubectl, as <c>e2e/tools</c> installs it.</summary>
internal sealed class Kubectl(string kubeconfig, string homeFolder)
{
    private static readonly Lazy<Task<string>> Program = new(InstallAsync);

    /// <summary>Runs to the end, at most a minute. The exit code, and both streams together.</summary>
    public async Task<(int Code, string Output)> RunAsync(string? input, params IEnumerable<string> arguments)
    {
        ProcessStartInfo info = new(await Program.Value) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        info.Environment["KUBECONFIG"] = kubeconfig;
        // Its caches of discovery lie below HOME.
        info.Environment["HOME"] = homeFolder;
        return await RunAsync(info, input, arguments);
    }

    /// <summary>Runs to the end and expects success.</summary>
    public async Task<string> SucceedAsync(string? input, params IEnumerable<string> arguments)
    {
        (int code, string output) = await RunAsync(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    private static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo info, string? input, IEnumerable<string> arguments)
    {
        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using Process process = Process.Start(info)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<string> InstallAsync()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "e2e", "tools")))
        {
            folder = folder.Parent;
        }
        ProcessStartInfo info = new(Path.Combine(folder!.FullName, "e2e", "tools")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        (int code, string output) = await RunAsync(info, null, ["kubectl"]);
        Assert.True(code == 0, output);
        return output.Split('\n')[0].Trim();
    }
}
