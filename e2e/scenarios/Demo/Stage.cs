using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Runner;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Demo;

/// <summary>Everything that the story plays on, real and on loopback: API server, process runner, Redis, RabbitMQ, operator, a pool of two nodes.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly Stack<IAsyncDisposable> _toDispose = new();

    private Stage(TimeProvider time) => _time = time;

    public IKubernetesClient Kubernetes { get; private set; } = null!;

    public string KubeconfigPath { get; private set; } = "";

    public string Redis { get; private set; } = "";

    /// <summary>Where vehicles connect: the pool's Service.</summary>
    public Uri VehicleEndpoint { get; private set; } = null!;

    private ProcessRunner Runner { get; set; } = null!;

    /// <summary>Sets everything up; says what it does. On failure nothing stays behind.</summary>
    public static async Task<Stage> SetUpAsync(DemoOptions options, IDemoView view, TimeProvider time, CancellationToken cancellationToken)
    {
        Stage stage = new(time);
        try
        {
            await stage.SetUpAsync(options, view, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private async Task SetUpAsync(DemoOptions options, IDemoView view, CancellationToken cancellationToken)
    {
        view.Say("Starting Redis, RabbitMQ and a Kubernetes API");
        Task<RedisServer> redis = RedisServer.StartAsync(cancellationToken);
        Task<RabbitServer> rabbit = RabbitServer.StartAsync(cancellationToken);
        await StartApiAsync(options, cancellationToken);
        Redis = Own(await redis).ConnectionString;
        string rabbitUri = Own(await rabbit).Uri;

        view.Say("Applying crds/, the operator and crds/samples/pool.yaml");
        foreach (string plural in new[] { "pushcampaigns", "pushpools" })
        {
            await DefineAsync(Manifests.Definition(options.Root, plural), cancellationToken);
        }

        await ApplyAsync(Manifests.Servers(Redis, rabbitUri), cancellationToken);
        await ApplyAsync(Manifests.Operator(KubeconfigPath), cancellationToken);
        await UntilAsync("the API to serve PushPool", token => Kubernetes.ServesAsync<PushPool>(token), cancellationToken);
        await ApplyAsync(Manifests.Sample<PushPool>(options.Root, "pool.yaml"), cancellationToken);

        await UntilAsync("the pool to be Ready", async token => IsReady(await PoolAsync(token)), cancellationToken);
        V1Service service = (await Kubernetes.GetAsync<V1Service>($"push-{Manifests.Pool}", Manifests.Namespace, cancellationToken))!;
        VehicleEndpoint = new Uri($"ws://{ProcessRunner.AddressOf(service)}:{service.Spec!.Ports![0].Port}/ws");
        view.Say($"Two push nodes are ready behind {VehicleEndpoint}");
    }

    private async Task StartApiAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        LocalApiServer? local = null;
        if (Environment.GetEnvironmentVariable("KUBE_BIN_DIR") is { Length: > 0 } binaries)
        {
            KubeconfigPath = Own(await KubeApiServer.StartAsync(binaries, cancellationToken)).KubeconfigPath;
        }
        else if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } given)
        {
            KubeconfigPath = given;
        }
        else
        {
            local = Own(await LocalApiServer.StartAsync(cancellation: cancellationToken));
            KubeconfigPath = local.KubeconfigPath;
        }

        Kubernetes = new KubernetesClient(KubeConfigLoader.LoadFiles([KubeconfigPath], _time), Manifests.Json, time: _time);
        Runner = Own(await ProcessRunner.StartAsync(
            new ProcessRunnerOptions
            {
                KubeconfigPath = KubeconfigPath,
                Images = new Dictionary<string, ImageProgram>
                {
                    [Manifests.OperatorImage] = Program(options.Root, "operator/Operator", "PushPlatform.Operator", "PUSH_OPERATOR_BIND_ADDRESS"),
                    [Manifests.NodeImage] = Program(options.Root, "push-node/PushNode", "PushPlatform.PushNode", "PUSH_NODE_BIND_ADDRESS"),
                },
                Time = _time,
            },
            cancellationToken));
        local?.ServeLogs(Runner.LogPath);
    }

    // Every pod has a loopback address of its own; its program listens on that one only, as a container would by nature.
    private static ImageProgram Program(string root, string room, string assembly, string bindVariable) =>
        ImageProgram.FromPath(Path.Combine(root, room, "bin", Configuration, "net10.0", $"{assembly}.dll")) with
        {
            Environment = new Dictionary<string, string> { [bindVariable] = "$(POD_IP)" },
        };

    // The executables are built together with this one.
    private static string Configuration =>
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";

    public async Task<PushCampaign?> CampaignAsync(string name, CancellationToken cancellationToken) =>
        await Kubernetes.GetAsync<PushCampaign>(name, Manifests.Namespace, cancellationToken);

    private async Task<PushPool?> PoolAsync(CancellationToken cancellationToken) =>
        await Kubernetes.GetAsync<PushPool>(Manifests.Pool, Manifests.Namespace, cancellationToken);

    public Task ApplyAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        Kubernetes.ApplyAsync(entity, "push-demo", force: true, cancellationToken);

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

    /// <summary>Kills one push node as a power cut would. Answers its pod's name.</summary>
    public async Task<string> KillNodeAsync(CancellationToken cancellationToken)
    {
        EntityList<V1Pod> pods = await Kubernetes.ListAsync<V1Pod>(
            Manifests.Namespace, labelSelector: $"pushplatform.io/pool={Manifests.Pool}", cancellationToken: cancellationToken);
        V1Pod victim = pods.Items[0];
        Runner.Kill(victim.Metadata.Uid!);
        return victim.Metadata.Name!;
    }

    /// <summary>Looks four times a second until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within a minute; says what was waited for.</exception>
    public async Task UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken)
    {
        long begin = _time.GetTimestamp();
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(250), _time);
        while (!await condition(cancellationToken))
        {
            if (_time.GetElapsedTime(begin) > Patience)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for {what}, in vain.");
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

    private static bool IsReady(PushPool? pool) =>
        pool?.Status?.ReadyReplicas >= 2 && pool.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _toDispose.Push(owned);
        return owned;
    }
}
