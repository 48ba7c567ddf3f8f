using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>A pool of a story's own beside the chart's. It goes when the story ends.</summary>
internal sealed class OwnPool : IAsyncDisposable
{
    private readonly ClusterStage _stage;

    private OwnPool(ClusterStage stage, string name) => (_stage, Name) = (stage, name);

    public string Name { get; }

    /// <summary>Where cars connect to its Service.</summary>
    public Uri Endpoint { get; private set; } = null!;

    private string Pods => $"pushplatform.io/pool={Name}";

    /// <summary>Returns when the pool is ready.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="name">Of the pool.</param>
    /// <param name="spec">In YAML's flow style; its Service has to be a NodePort.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OwnPool> MakeAsync(ClusterStage stage, string name, string spec, CancellationToken cancellationToken)
    {
        OwnPool pool = new(stage, name);
        try
        {
            await stage.Kubectl.ApplyAsync($"{{apiVersion: pushplatform.io/v1alpha1, kind: PushPool, metadata: {{name: {name}}}, spec: {spec}}}", cancellationToken);
            await stage.Kubectl.RunAsync(cancellationToken, "wait", $"ppool/{name}", "--for=condition=Ready", "--timeout=3m");
            string port = await stage.Kubectl.RunAsync(cancellationToken, "get", "service", $"push-{name}", "--output", "jsonpath={.spec.ports[0].nodePort}");
            pool.Endpoint = new Uri($"ws://{stage.Options.Service.Host}:{port}/ws");
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
        return pool;
    }

    /// <summary>Changes its spec; null takes a member away.</summary>
    public Task SetAsync(string spec, CancellationToken cancellationToken) =>
        _stage.Kubectl.RunAsync(cancellationToken, "patch", "ppool", Name, "--type=merge", "--patch", $$"""{"spec": {{spec}}}""");

    /// <summary>
    /// An HPA that wants so many, as that of KEDA may. Its bounds say it, and no metric: a server need not have any, and what an HPA does to a pool is the same.
    /// </summary>
    public Task ScaleByHpaAsync(int replicas, CancellationToken cancellationToken) => _stage.Kubectl.ApplyAsync(
        $$$"""
        {apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: {{{Name}}}},
         spec: {scaleTargetRef: {apiVersion: pushplatform.io/v1alpha1, kind: PushPool, name: {{{Name}}}}, minReplicas: {{{replicas}}}, maxReplicas: {{{replicas}}}}}
        """,
        cancellationToken);

    public async Task<PushPoolStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await _stage.Kubernetes.GetAsync<PushPool>(Name, _stage.Options.Namespace, cancellationToken))?.Status ?? throw new InvalidOperationException($"The pool {Name} is gone.");

    /// <summary>Waits until there are so many nodes, all ready, none draining, and all others on their way out.</summary>
    /// <returns>Their names.</returns>
    public async Task<IReadOnlyList<string>> WhenNodesAsync(int nodes, CancellationToken cancellationToken)
    {
        PushPoolStatus? status = null;
        IReadOnlyList<string> pods = [];
        await _stage.UntilAsync(
            $"a pool of {nodes} nodes",
            async token =>
            {
                (status, pods) = (await StatusAsync(token), await _stage.Pods.ReadyAsync(Pods, token));
                return status.DrainingReplicas == 0 && status.Replicas == nodes && status.ReadyReplicas == nodes && pods.Count == nodes;
            },
            cancellationToken,
            () => $"{status?.Replicas} nodes serve, {status?.ReadyReplicas} are ready, {status?.DrainingReplicas} drain; ready: {string.Join(", ", pods)}.");
        return pods;
    }

    /// <summary>The pod that each car is connected to, by vid, as Redis has it. A car that is nowhere is left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> WhereAsync(IEnumerable<SimulatedVehicle> cars, CancellationToken cancellationToken)
    {
        await using LedgerAndCars ledger = await _stage.OpenLedgerAsync(cancellationToken);
        PoolName pool = new(_stage.Options.Namespace, Name);
        Dictionary<string, string> pods = (await ledger.Store.Nodes.LiveNodesAsync(pool, cancellationToken)).ToDictionary(beat => beat.Node, beat => beat.Pod);
        Dictionary<string, string> found = [];
        foreach (IGrouping<int, string> shard in cars.Select(car => car.Vid).GroupBy(Shards.Of))
        {
            foreach (KnownVehicle? car in await ledger.Store.Vehicles.FindAsync(pool, shard.Key, [.. shard], cancellationToken))
            {
                if (car?.Holder is { } holder && pods.TryGetValue(holder.Node, out string? pod))
                {
                    found[car.Vid] = pod;
                }
            }
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.Kubectl.RunAsync(CancellationToken.None, "delete", $"hpa/{Name}", $"ppool/{Name}", "--ignore-not-found");
        await _stage.UntilAsync("its pods to be gone", async token => (await _stage.Pods.NamesAsync(Pods, token)).Count == 0, CancellationToken.None);
    }
}
