using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Runner;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Stages;

/// <summary>Everything that a story plays on, real and on loopback: API server, process runner, Redis, RabbitMQ, operators, a pool of push nodes.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly Stack<IAsyncDisposable> _toDispose = new();

    private Stage(StageOptions options) => (_time, Checkout) = (options.Time, options.Checkout);

    public Checkout Checkout { get; }

    public IKubernetesClient Kubernetes { get; private set; } = null!;

    public string KubeconfigPath { get; private set; } = "";

    public RedisServer Redis { get; private set; } = null!;

    public RabbitServer Rabbit { get; private set; } = null!;

    /// <summary>Operators and push nodes.</summary>
    public StagePods Pods { get; private set; } = null!;

    /// <summary>Where vehicles connect: the pool's Service.</summary>
    public Uri VehicleEndpoint { get; private set; } = null!;

    /// <summary>Sets everything up; says what it does. On failure nothing stays behind.</summary>
    public static async Task<Stage> SetUpAsync(StageOptions options, CancellationToken cancellationToken)
    {
        Stage stage = new(options);
        try
        {
            await stage.FillAsync(options, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where vehicles connect to one push node, past the Service.</summary>
    public Uri VehicleEndpointOf(StagePod node) => new UriBuilder(VehicleEndpoint) { Host = node.Address }.Uri;

    /// <summary>Cars that connect through the pool's Service.</summary>
    public VehicleFleet NewFleet() => NewFleet(VehicleEndpoint, null);

    /// <param name="endpoint">Where the cars connect instead.</param>
    /// <param name="onCopy">Told of each copy of a notice, with its car's vid and the delivery, as it arrives.</param>
    public VehicleFleet NewFleet(Uri endpoint, Action<string, string>? onCopy) => new(new FleetOptions { Endpoints = [endpoint], OnCopy = onCopy, Time = _time });

    private async Task FillAsync(StageOptions options, CancellationToken cancellationToken)
    {
        options.Say("Starting Redis, RabbitMQ and a Kubernetes API");
        Task<RedisServer> redis = RedisServer.StartAsync(cancellationToken);
        Task<RabbitServer> rabbit = RabbitServer.StartAsync(cancellationToken);
        LocalApiServer? local = await StartApiAsync(options, cancellationToken);
        Redis = Own(await redis);
        Rabbit = Own(await rabbit);
        await StartRunnerAsync(options, local, cancellationToken);

        options.Say("Applying crds/, the operator and crds/samples/pool.yaml");
        foreach (string plural in new[] { "pushcampaigns", "pushpools", "pushcampaignapprovals" })
        {
            await DefineAsync(Manifests.Definition(options.Checkout.Root, plural), cancellationToken);
        }

        if (await Kubernetes.ServesAsync<V1ValidatingAdmissionPolicy>(cancellationToken))
        {
            (V1ValidatingAdmissionPolicy policy, V1ValidatingAdmissionPolicyBinding binding) = Manifests.Admission(options.Checkout.Root);
            await ApplyAsync(policy, cancellationToken);
            await ApplyAsync(binding, cancellationToken);
        }
        await ApplyAsync(Manifests.Servers(Redis.ConnectionString, Rabbit.Uri), cancellationToken);
        await ApplyAsync(Manifests.Operator(KubeconfigPath, options.Operators, options.OperatorEnvironment), cancellationToken);
        await UntilAsync("the API to serve PushPool", token => Kubernetes.ServesAsync<PushPool>(token), cancellationToken);
        PushPool pool = Manifests.Sample<PushPool>(options.Checkout.Root, "pool.yaml");
        pool.Spec = options.Pool(pool.Spec with { Replicas = options.Nodes });
        await ApplyAsync(pool, cancellationToken);

        await UntilReadyAsync(options.Nodes, cancellationToken);
        V1Service service = (await Kubernetes.GetAsync<V1Service>($"push-{Manifests.Pool}", Manifests.Namespace, cancellationToken))!;
        VehicleEndpoint = new Uri($"ws://{ProcessRunner.AddressOf(service)}:{service.Spec!.Ports![0].Port}/ws");
        options.Say($"{options.Nodes} push nodes are ready behind {VehicleEndpoint}");
    }

    private async Task<LocalApiServer?> StartApiAsync(StageOptions options, CancellationToken cancellationToken)
    {
        if (options.ApiFromEnvironment && Environment.GetEnvironmentVariable("KUBE_BIN_DIR") is { Length: > 0 } binaries)
        {
            KubeconfigPath = Own(await KubeApiServer.StartAsync(binaries, cancellationToken)).KubeconfigPath;
            return null;
        }
        if (options.ApiFromEnvironment && Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } given)
        {
            KubeconfigPath = given;
            return null;
        }

        LocalApiServer local = Own(await LocalApiServer.StartAsync(new LocalApiOptions { HistoryLimit = options.ApiHistory }, cancellationToken));
        KubeconfigPath = local.KubeconfigPath;
        return local;
    }

    private async Task StartRunnerAsync(StageOptions options, LocalApiServer? local, CancellationToken cancellationToken)
    {
        KubernetesClientConfiguration configuration = KubeConfigLoader.LoadFiles([KubeconfigPath], _time);
        Kubernetes = new KubernetesClient(configuration, Manifests.Json, time: _time);
        Pods = Own(new StagePods(Redis, Rabbit, Kubernetes, KubeconfigPath, configuration.Host, options.Links));
        ProcessRunner runner = Own(await ProcessRunner.StartAsync(
            new ProcessRunnerOptions { KubeconfigPath = KubeconfigPath, Images = Pods.Images(options.Checkout), Time = _time }, cancellationToken));
        Pods.Run(runner);
        local?.ServeLogs(runner.LogPath);
    }

    public async Task<PushCampaign?> CampaignAsync(string name, CancellationToken cancellationToken) =>
        await Kubernetes.GetAsync<PushCampaign>(name, Manifests.Namespace, cancellationToken);

    public Task ApplyAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        Kubernetes.ApplyAsync(entity, "push-stage", force: true, cancellationToken);

    // Not by server-side apply: that refuses what an older API server does not know, such as CEL rules, where a create drops it.
    private async Task DefineAsync(V1CustomResourceDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            await Kubernetes.CreateAsync(definition, cancellationToken: cancellationToken);
        }
        catch (KubernetesException there) when (there.IsConflict)
        {
            JsonObject spec = new() { ["spec"] = JsonNode.Parse(definition.Spec.GetRawText()) };
            await Kubernetes.PatchAsync<V1CustomResourceDefinition>(V1Patch.Merge(spec), definition.Metadata.Name!, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Waits until the pool has this many ready nodes and says that all is well with it.</summary>
    /// <exception cref="TimeoutException">It did not within a minute.</exception>
    public Task UntilReadyAsync(int nodes, CancellationToken cancellationToken) => UntilAsync(
        "the pool to be Ready",
        async token => IsReady(await Kubernetes.GetAsync<PushPool>(Manifests.Pool, Manifests.Namespace, token), nodes),
        cancellationToken);

    /// <summary>Looks four times a second until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within a minute; says what was waited for, and where all that stood then is kept.</exception>
    public Task UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken) =>
        UntilAsync(what, condition, Patience, cancellationToken);

    /// <inheritdoc cref="UntilAsync(string, Func{CancellationToken, Task{bool}}, CancellationToken)"/>
    /// <param name="patience">Instead of a minute.</param>
    public async Task UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        long begin = _time.GetTimestamp();
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(250), _time);
        while (!await condition(cancellationToken))
        {
            if (_time.GetElapsedTime(begin) > patience)
            {
                throw new TimeoutException($"Waited {patience.TotalSeconds:0} s for {what}, in vain. What stood then: {await StageReport.WriteAsync(this, "stage-report")}");
            }

            await look.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_toDispose.TryPop(out IAsyncDisposable? owned))
        {
            await owned.DisposeAsync();
        }
    }

    private static bool IsReady(PushPool? pool, int nodes) =>
        pool?.Status?.ReadyReplicas >= nodes && pool.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _toDispose.Push(owned);
        return owned;
    }
}
