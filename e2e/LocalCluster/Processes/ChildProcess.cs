using System.Diagnostics;

namespace PushPlatform.LocalCluster.Processes;

/// <summary>What to run. Output of both streams is appended to <paramref name="LogPath"/> by the child itself;
/// <paramref name="Environment"/> is added to this process's environment, where a null value removes the variable.</summary>
internal sealed record ChildProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    string LogPath,
    IReadOnlyDictionary<string, string?>? Environment = null,
    string? WorkingDirectory = null);

/// <summary>
/// A child that dies with this process, also when this process is killed with SIGKILL (<c>setpriv --pdeathsig</c>, which survives the
/// exec calls that follow). No pipe connects the two: the child writes its log file itself, so a busy parent never blocks it.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LogTailBytes = 4096;
    private readonly Process _process;

    private ChildProcess(Process process, ChildProcessSpec spec)
    {
        _process = process;
        Id = process.Id;
        Spec = spec;
        Exited = WaitAsync(process);
    }

    public int Id { get; }

    public ChildProcessSpec Spec { get; }

    /// <summary>Completes with the exit code (128 + signal for a child that a signal ended); never faults.</summary>
    public Task<int> Exited { get; }

    public bool HasExited => Exited.IsCompleted;

    /// <exception cref="FileNotFoundException">The program is not on this machine.</exception>
    public static async Task<ChildProcess> StartAsync(ChildProcessSpec spec)
    {
        if (!Programs.Exists(spec.FileName))
        {
            throw new FileNotFoundException($"{spec.FileName} is not installed (looked in PATH)", spec.FileName);
        }
        ProcessStartInfo info = new("setpriv") { UseShellExecute = false, WorkingDirectory = spec.WorkingDirectory ?? "" };
        // The descriptor is closed on stdin so that no child ever waits for a terminal.
        foreach (string argument in (string[])["--pdeathsig", "KILL", "sh", "-c", "exec \"$@\" >>\"$CHILD_LOG\" 2>&1 </dev/null", "sh", spec.FileName, .. spec.Arguments])
        {
            info.ArgumentList.Add(argument);
        }
        foreach ((string name, string? value) in spec.Environment ?? new Dictionary<string, string?>())
        {
            info.Environment[name] = value;
        }
        info.Environment["CHILD_LOG"] = spec.LogPath;
        return new ChildProcess(await Nursery.StartAsync(info), spec);
    }

    public void Send(Signal signal)
    {
        if (!HasExited)
        {
            Signals.Send(Id, signal);
        }
    }

    /// <summary>SIGTERM, then SIGKILL when the child is still there after <paramref name="grace"/>. Returns the exit code.</summary>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        Send(Signal.Continue);
        Send(Signal.Terminate);
        try
        {
            return await Exited.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            return await KillAsync();
        }
    }

    public Task<int> KillAsync()
    {
        Send(Signal.Kill);
        return Exited;
    }

    /// <summary>The last 4 KiB of the child's log, for error messages.</summary>
    public string LogTail()
    {
        if (!File.Exists(Spec.LogPath))
        {
            return "(no output)";
        }
        using FileStream log = new(Spec.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(-Math.Min(LogTailBytes, log.Length), SeekOrigin.End);
        using StreamReader reader = new(log);
        return reader.ReadToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
