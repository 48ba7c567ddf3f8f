using System.Diagnostics;
using System.Net.Sockets;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>
/// A real server on loopback with its own temporary folder and free ports; dies with this process. Faults can be played on it:
/// <see cref="StopAsync"/>, <see cref="KillAsync"/>, <see cref="Pause"/>. Ports and data stay the same over a restart.
/// </summary>
public abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private ChildProcess? _process;

    private protected LocalServer(string name)
    {
        Name = name;
        Folder = Directory.CreateTempSubdirectory($"push-{name}-").FullName;
        LogPath = Path.Combine(Folder, "server.log");
    }

    /// <summary>Holds data, configuration and log; deleted on disposal.</summary>
    public string Folder { get; }

    /// <summary>What the server printed.</summary>
    public string LogPath { get; }

    /// <summary>The server's first process, for whoever measures it.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    internal int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{Name} was not started");

    private protected string Name { get; }

    private protected virtual TimeSpan StartTimeout => TimeSpan.FromSeconds(20);

    private protected virtual TimeSpan StopTimeout => TimeSpan.FromSeconds(20);

    /// <summary>Starts the server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It runs already; or it ended or gave no answer in time: the message holds the end of its log.</exception>
    /// <exception cref="FileNotFoundException">The server is not installed.</exception>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException($"{Name} is running");
        }
        await PrepareAsync();
        _process = await ChildProcess.StartAsync(Describe());
        long began = Stopwatch.GetTimestamp();
        while (!await AnswersWithinAsync(cancellation))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"{Name} ended with code {await _process.Exited}:\n{_process.LogTail()}");
            }
            if (Stopwatch.GetElapsedTime(began) > StartTimeout)
            {
                await _process.KillAsync();
                throw new InvalidOperationException($"{Name} gave no answer in {StartTimeout.TotalSeconds} s:\n{_process.LogTail()}");
            }
            await Task.Delay(PollInterval, cancellation);
        }
    }

    /// <summary>Ends the server in order (SIGTERM; SIGKILL when it does not listen).</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync(StopTimeout);
        }
    }

    /// <summary>SIGKILL: the server has no chance to write or to say good-bye.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            IReadOnlyList<int> beside = ProcessesBeside(_process.Id);
            await _process.KillAsync();
            foreach (int pid in beside)
            {
                Signals.Send(pid, Signal.Kill);
            }
        }
    }

    /// <summary>Stops in order and starts again: same ports, same data.</summary>
    public async Task RestartAsync(CancellationToken cancellation = default)
    {
        await StopAsync();
        await StartAgainAsync(cancellation);
    }

    /// <summary>SIGSTOP: connections stay open and nothing answers, as behind a broken link.</summary>
    public void Pause() => _process?.Send(Signal.Stop);

    /// <summary>SIGCONT after <see cref="Pause"/>.</summary>
    public void Resume() => _process?.Send(Signal.Continue);

    /// <summary>Kills the server and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
            await _process.DisposeAsync();
        }
        await CleanUpAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected abstract ChildProcessSpec Describe();

    /// <summary>One probe of the server's own protocol; may throw I/O errors, which count as "not yet".</summary>
    private protected abstract Task<bool> AnswersAsync(CancellationToken cancellation);

    private protected void Send(Signal signal) => _process?.Send(signal);

    /// <summary>The server's other processes, which would outlive the first when that is killed.</summary>
    private protected virtual IReadOnlyList<int> ProcessesBeside(int pid) => [];

    private protected virtual Task PrepareAsync() => Task.CompletedTask;

    private protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    /// <summary>Starts what a static factory has made; a failed start leaves neither process nor folder behind.</summary>
    private protected static async Task<T> StartOrDisposeAsync<T>(T server, CancellationToken cancellation)
        where T : LocalServer
    {
        try
        {
            await server.StartAgainAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> AnswersWithinAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource probe = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        probe.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            return await AnswersAsync(probe.Token);
        }
        catch (Exception error) when (error is SocketException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }
}
