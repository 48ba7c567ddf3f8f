using System.Diagnostics;
using PushPlatform.Tests.Resources;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>A real tool, as <c>e2e/tools</c> installs it.</summary>
internal sealed class CommandLineTool
{
    private readonly Lazy<Task<string>> _program;

    public CommandLineTool(string name) => _program = new(() => InstallAsync(name));

    /// <summary>Runs to the end, at most a minute. The exit code, and both streams together.</summary>
    public async Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, string? input, IEnumerable<string> arguments)
    {
        ProcessStartInfo info = Info(await _program.Value);
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }
        return await RunAsync(info, input, arguments);
    }

    /// <summary>Runs a line of shell that calls the tool by its name.</summary>
    public async Task<(int Code, string Output)> ShellAsync(Dictionary<string, string> environment, string line)
    {
        ProcessStartInfo info = Info("bash");
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }
        info.Environment["PATH"] = $"{Path.GetDirectoryName(await _program.Value)}:{info.Environment["PATH"]}";
        return await RunAsync(info, null, ["-c", line]);
    }

    private static async Task<string> InstallAsync(string name)
    {
        (int code, string output) = await RunAsync(Info(Path.Combine(ResourceTable.Root, "e2e", "tools")), null, [name]);
        Assert.True(code == 0, output);
        return output.Split('\n')[0].Trim();
    }

    private static ProcessStartInfo Info(string program) =>
        new(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };

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
}
