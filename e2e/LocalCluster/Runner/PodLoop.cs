using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>Runs one pod: its containers, its status, its end. What a kubelet does, for processes.</summary>
internal sealed class PodLoop(
    ClusterApi api, JsonObject pod, string address, string folder, IReadOnlyDictionary<string, ImageProgram> images, HttpClient http, RunnerLog log, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);
    private readonly TaskCompletionSource<TimeSpan> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WakeUp _changed = new(time);
    private readonly string _path = ClusterApi.PathOf(ClusterApi.Pods, pod.Namespace(), pod.Name());
    private JsonArray _conditions = [];
    private volatile ContainerLoop[] _containers = [];

    public string Address => address;

    public string LogPath => Path.Combine(folder, "log");

    /// <summary>Asks the pod to end within a grace; zero kills. Only the first call counts.</summary>
    public void End(TimeSpan grace) => _ending.TrySetResult(grace);

    /// <summary>Sends a signal to every container's process.</summary>
    public void Send(Signal signal) => Array.ForEach(_containers, container => container.Send(signal));

    /// <summary>Runs until <see cref="End"/>, then takes the pod out of the API.</summary>
    /// <param name="cancellation">Kills the processes and leaves the pod's object alone.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        PodSandbox sandbox = new(api, pod, address, folder);
        ContainerLoop[] containers = [.. pod.Items("spec", "containers").OfType<JsonObject>().Select(container =>
            new ContainerLoop(container, sandbox, address, images, http, _changed.Signal, time))];
        _containers = containers;
        _changed.Signal();
        Task running = Task.WhenAll(containers.Select(container => container.RunAsync()));
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task reporting = ReportAsync(containers, sandbox, over.Token);
        using CancellationTokenRegistration killed = cancellation.Register(() => End(TimeSpan.Zero));

        TimeSpan grace = await _ending.Task;
        foreach (ContainerLoop container in containers)
        {
            container.Stop(grace);
        }
        await running;
        Array.ForEach(containers, container => container.Dispose());
        await over.CancelAsync();
        await reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellation.IsCancellationRequested)
        {
            await RemoveAsync(cancellation);
        }
    }

    private async Task ReportAsync(IReadOnlyList<ContainerLoop> containers, PodSandbox sandbox, CancellationToken cancellation)
    {
        while (true)
        {
            // The time-out brings changed Secrets and ConfigMaps into the volumes, as a kubelet does every minute or so.
            bool changed = await _changed.WaitAsync(TimeSpan.FromSeconds(5), cancellation);
            try
            {
                if (changed)
                {
                    await api.MergeAsync(_path + "/status", new JsonObject { ["status"] = Status(containers) }, cancellation);
                }
                else
                {
                    await sandbox.WriteVolumesAsync(cancellation);
                }
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
                // A pod that was deleted by force; the watch will say so.
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                log.Write($"pod {pod.Name()}: {error.Message}");
                await Task.Delay(RetryAfter, time, cancellation);
                _changed.Signal();
            }
        }
    }

    private JsonObject Status(IReadOnlyList<ContainerLoop> containers)
    {
        ContainerState[] states = [.. containers.Select(container => container.State)];
        bool ready = Array.TrueForAll(states, state => state.Ready);
        bool ran = Array.Exists(states, state => state.Started is not null || state.Restarts > 0);
        string now = ObjectMeta.Timestamp(time.GetUtcNow());
        _conditions = Conditions.Merge(
            _conditions,
            now,
            ("PodScheduled", true, ""),
            ("Initialized", true, ""),
            ("ContainersReady", ready, ready ? "" : "ContainersNotReady"),
            ("Ready", ready, ready ? "" : "ContainersNotReady"));
        return new JsonObject
        {
            ["phase"] = ran ? "Running" : "Pending",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["hostIP"] = "127.0.0.1",
            ["startTime"] = pod.Text("metadata", "creationTimestamp"),
            ["conditions"] = _conditions.DeepClone(),
            ["containerStatuses"] = JsonAccess.ArrayOf(containers.Select(container => (JsonNode)ContainerStatus(container))),
        };
    }

    private static JsonObject ContainerStatus(ContainerLoop container)
    {
        ContainerState state = container.State;
        JsonObject current = state.Started is { } started
            ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = ObjectMeta.Timestamp(started) } }
            : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = state.Waiting, ["message"] = state.Message } };
        JsonObject status = new()
        {
            ["name"] = container.Name,
            ["image"] = container.Image,
            ["imageID"] = "",
            ["ready"] = state.Ready,
            ["started"] = state.Started is not null,
            ["restartCount"] = state.Restarts,
            ["state"] = current,
        };
        if (state.LastExit is { } code)
        {
            status["lastState"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = code, ["reason"] = code == 0 ? "Completed" : "Error" } };
        }
        return status;
    }

    private async Task RemoveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await api.DeleteAsync(_path, pod.Uid(), graceSeconds: 0, cancellation);
                return;
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                log.Write($"pod {pod.Name()}: {error.Message}");
                await Task.Delay(RetryAfter, time, cancellation);
            }
        }
    }
}
