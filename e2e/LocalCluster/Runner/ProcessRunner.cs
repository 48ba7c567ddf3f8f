using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>What a <see cref="ProcessRunner"/> works with.</summary>
public sealed record ProcessRunnerOptions
{
    /// <summary>The API server whose Deployments are run.</summary>
    public required string KubeconfigPath { get; init; }

    /// <summary>From the image names of containers to programs; the pods of other images wait with <c>ErrImagePull</c>.</summary>
    public required IReadOnlyDictionary<string, ImageProgram> Images { get; init; }

    /// <summary>What the runner has to say, a line each; default: nothing.</summary>
    public TextWriter? Log { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// Turns the Deployments and Services of an API server into local processes and listening sockets: the controllers, the scheduler, the
/// kubelet and the proxy of one machine. All processes die with this one.
/// </summary>
public sealed class ProcessRunner : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly ProcessRunnerOptions _options;
    private readonly RunnerLog _log;
    private readonly ClusterApi _api;
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1), AllowAutoRedirect = false });
    private readonly CancellationTokenSource _stopping = new();
    private readonly WakeUp _changed;
    private readonly string _folder = Directory.CreateTempSubdirectory("push-pods-").FullName;
    private readonly LoopbackAddresses _addresses = new();
    private readonly Mirror _pods;
    private readonly WorkloadController _workloads;
    private readonly ServiceController _services;
    private readonly List<Mirror> _mirrors;
    private readonly ConcurrentDictionary<string, (PodLoop Loop, Task Running)> _loops = new();
    private readonly ConcurrentDictionary<string, string> _logs = new();
    private Task _running = Task.CompletedTask;

    private ProcessRunner(ProcessRunnerOptions options)
    {
        _options = options;
        _log = new RunnerLog(options.Log);
        _changed = new WakeUp(options.Time);
        _api = new ClusterApi(KubeConfigLoader.LoadFiles([options.KubeconfigPath], options.Time), options.Time);
        Mirror deployments = Make(ClusterApi.Deployments);
        Mirror replicaSets = Make(ClusterApi.ReplicaSets);
        Mirror services = Make(ClusterApi.Services);
        _pods = Make(ClusterApi.Pods);
        _mirrors = [deployments, replicaSets, services, _pods];
        _workloads = new WorkloadController(_api, deployments, replicaSets, _pods, _log, options.Time);
        _services = new ServiceController(_api, services, _pods, _addresses, _log);
    }

    /// <summary>Starts to run what is there and what will come.</summary>
    public static async Task<ProcessRunner> StartAsync(ProcessRunnerOptions options, CancellationToken cancellation = default)
    {
        ProcessRunner runner = new(options);
        Task following = Task.WhenAll(runner._mirrors.Select(mirror => mirror.RunAsync(runner._stopping.Token)));
        await Task.WhenAll(runner._mirrors.Select(mirror => mirror.Listed)).WaitAsync(cancellation);
        runner._running = Task.WhenAll(following, runner.RunAsync());
        return runner;
    }

    /// <summary>The log file of a pod, by its uid; null when it never ran here. For <see cref="LocalApiServer.ServeLogs"/>.</summary>
    public string? LogPath(string podUid) => _logs.GetValueOrDefault(podUid);

    /// <summary>Where a Service can be reached on this machine: its ClusterIP where that is a loopback address, else one that the runner took for it.</summary>
    public static string AddressOf(V1Service service) =>
        service.Metadata.Annotations?.GetValueOrDefault(ServiceController.AddressAnnotation) ?? service.Spec?.ClusterIP ?? "";

    /// <summary>Ends a pod's processes with SIGKILL, for fault stories; the pod starts them again as after any crash.</summary>
    /// <exception cref="KeyNotFoundException">No such pod runs here.</exception>
    public void Kill(string podUid) => _loops[podUid].Loop.Send(Signal.Kill);

    /// <summary>SIGSTOP: a pod's processes hang with their connections open, as on a machine that swaps or a virtual one that is moved.</summary>
    /// <exception cref="KeyNotFoundException">No such pod runs here.</exception>
    public void Pause(string podUid) => _loops[podUid].Loop.Send(Signal.Stop);

    /// <summary>SIGCONT after <see cref="Pause"/>.</summary>
    /// <exception cref="KeyNotFoundException">No such pod runs here.</exception>
    public void Resume(string podUid) => _loops[podUid].Loop.Send(Signal.Continue);

    /// <summary>Kills all processes; leaves the API's objects as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_loops.Values.Select(loop => loop.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _services.DisposeAsync();
        _api.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Mirror Make(string collection) => new(_api, collection, _changed.Signal, _log, _options.Time);

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await _workloads.PassAsync(_stopping.Token);
                PassPods();
                await _services.PassAsync(_stopping.Token);
            }
            catch (KubernetesException stale) when (stale.IsConflict || stale.IsNotFound)
            {
                // Seen through an old copy; the watch brings the new one.
            }
            catch (Exception error) when (!_stopping.IsCancellationRequested)
            {
                _log.Write(error.Message);
            }
            await _changed.WaitAsync(Tick, _stopping.Token);
        }
    }

    private void PassPods()
    {
        foreach (JsonObject pod in _pods.Items.Where(pod => pod.Text("spec", "nodeName") == PodFacts.NodeName && !_loops.ContainsKey(pod.Uid())))
        {
            Start(pod);
        }
        foreach ((string uid, (PodLoop loop, Task running)) in _loops.ToList())
        {
            if (_pods.Find(uid) is not { } pod)
            {
                loop.End(TimeSpan.Zero);
            }
            else if (pod.Number("metadata", "deletionGracePeriodSeconds") is { } grace)
            {
                loop.End(TimeSpan.FromSeconds(grace));
            }
            if (running.IsCompleted)
            {
                _loops.TryRemove(uid, out _);
                _addresses.GiveBack(loop.Address);
            }
        }
    }

    private void Start(JsonObject pod)
    {
        string folder = Path.Combine(_folder, pod.Uid());
        PodLoop loop = new(_api, pod, _addresses.Take(), folder, _options.Images, _http, _log, _options.Time);
        _logs[pod.Uid()] = loop.LogPath;
        _loops[pod.Uid()] = (loop, loop.RunAsync(_stopping.Token));
    }
}
