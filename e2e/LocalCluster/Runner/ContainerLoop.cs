using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>
/// One container of a pod as a process: started, probed, started again when it ends (after half a second the first time, then twice as
/// long each time up to 30 s; a run of a minute forgives), until it is told to stop.
/// </summary>
internal sealed class ContainerLoop(
    JsonObject container, PodSandbox sandbox, string address, IReadOnlyDictionary<string, ImageProgram> images, HttpClient http, Action changed, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ForgivenAfter = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stopping = new();
    private volatile ContainerState _state = new(Waiting: "ContainerCreating", Message: null, Started: null, Ready: false, Restarts: 0, LastExit: null);
    private TimeSpan _grace = TimeSpan.FromSeconds(30);
    private volatile ChildProcess? _process;
    private volatile bool _forgiven;

    public ContainerState State => _state;

    public string Name => container.Text("name") ?? "";

    public string Image => container.Text("image") ?? "";

    /// <summary>Runs until <see cref="Stop"/>; returns when the process is gone.</summary>
    public async Task RunAsync()
    {
        TimeSpan backOff = FirstBackOff;
        while (!_stopping.IsCancellationRequested)
        {
            DateTimeOffset began = time.GetUtcNow();
            try
            {
                int code = await RunOnceAsync();
                Become(_state with { Started = null, Ready = false, Restarts = _state.Restarts + 1, LastExit = code, Waiting = "CrashLoopBackOff", Message = $"ended with code {code}" });
            }
            catch (Exception error) when (!_stopping.IsCancellationRequested)
            {
                Become(_state with { Started = null, Ready = false, Waiting = "CreateContainerError", Message = error.Message });
            }
            backOff = _forgiven || time.GetUtcNow() - began > ForgivenAfter ? FirstBackOff : backOff;
            _forgiven = false;
            await Task.Delay(backOff, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
        }
    }

    /// <summary>SIGTERM now, SIGKILL after the grace; no more starts.</summary>
    public void Stop(TimeSpan grace)
    {
        _grace = grace;
        _stopping.Cancel();
    }

    /// <summary>For faults. A container that was killed is started again, as if it had never crashed before; one that was stopped hangs until it is told to continue.</summary>
    public void Send(Signal signal)
    {
        _forgiven |= signal == Signal.Kill;
        _process?.Send(signal);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task<int> RunOnceAsync()
    {
        if (!images.TryGetValue(Image, out ImageProgram? program))
        {
            Become(_state with { Waiting = "ErrImagePull", Message = $"no program is mapped to image {Image}" });
            await Task.Delay(Timeout.Infinite, _stopping.Token);
        }
        await using ChildProcess process = await StartAsync(program!);
        _process = process;
        Become(_state with { Waiting = null, Message = null, Started = time.GetUtcNow(), Ready = !HasProbe("readinessProbe") && !HasProbe("startupProbe") });
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task probing = ProbeAsync(process, ended.Token);
        try
        {
            return await process.Exited.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            Become(_state with { Ready = false });
            return await process.StopAsync(_grace);
        }
        finally
        {
            await ended.CancelAsync();
            await probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ChildProcess> StartAsync(ImageProgram program)
    {
        await sandbox.WriteVolumesAsync(_stopping.Token);
        Dictionary<string, string?> environment = await sandbox.EnvironmentAsync(container, _stopping.Token);
        foreach ((string name, string value) in program.Environment)
        {
            environment.TryAdd(name, PodSandbox.Expand(value, environment));
        }
        foreach ((string name, string value) in program.Overrides?.Invoke(sandbox.Identity) ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }
        // As with an image: command replaces the entry point, args follow it.
        string[] command = [.. sandbox.Arguments(container, "command", environment)];
        (string file, IEnumerable<string> first) = command.Length > 0 ? (command[0], command.Skip(1)) : (program.FileName, program.Arguments);
        string[] arguments = [.. first, .. sandbox.Arguments(container, "args", environment)];
        return await ChildProcess.StartAsync(new ChildProcessSpec(file, arguments, sandbox.LogPath, environment, container.Text("workingDir")));
    }

    private async Task ProbeAsync(ChildProcess process, CancellationToken cancellation)
    {
        if (HasProbe("startupProbe"))
        {
            await StartedAsync(process, cancellation);
        }
        Task readiness = HasProbe("readinessProbe") ? Make("readinessProbe").RunAsync(ready => Become(_state with { Ready = ready }), cancellation) : ReadyAtOnce();
        Task liveness = HasProbe("livenessProbe") ? Make("livenessProbe").RunAsync(alive => EndUnless(alive, process), cancellation) : Task.CompletedTask;
        await Task.WhenAll(readiness, liveness);
    }

    private async Task StartedAsync(ChildProcess process, CancellationToken cancellation)
    {
        using CancellationTokenSource decided = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Probe startup = Make("startupProbe");
        Task asking = startup.RunAsync(_ => decided.Cancel(), decided.Token);
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        EndUnless(startup.Verdict == true, process);
    }

    private Task ReadyAtOnce()
    {
        Become(_state with { Ready = true });
        return Task.CompletedTask;
    }

    private static void EndUnless(bool healthy, ChildProcess process)
    {
        if (!healthy)
        {
            process.Send(Signal.Kill);
        }
    }

    private bool HasProbe(string name) => container[name] is JsonObject probe && (probe["httpGet"] ?? probe["tcpSocket"]) is not null;

    private Probe Make(string name) => new((JsonObject)container[name]!, container, address, http, time);

    private void Become(ContainerState state)
    {
        if (state != _state)
        {
            _state = state;
            changed();
        }
    }
}

/// <summary>What a pod's status tells of a container. <paramref name="Waiting"/> is the reason while no process runs.</summary>
internal sealed record ContainerState(string? Waiting, string? Message, DateTimeOffset? Started, bool Ready, int Restarts, int? LastExit);
