using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.LocalCluster.Runner;
using PushPlatform.LocalCluster.Servers;

namespace PushPlatform.Scenarios.Stages;

/// <summary>One pod as it was when it was listed.</summary>
internal sealed record StagePod(string Name, string Uid, string Address, bool Ready);

/// <summary>The processes on a stage: who they are, how they are disturbed, and the links that lead from each to its servers.</summary>
internal sealed class StagePods(RedisServer redis, RabbitServer rabbit, IKubernetesClient kubernetes, string kubeconfigPath, Uri api, bool links) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, PodLinks> _links = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("push-stage-").FullName;
    private ProcessRunner _runner = null!;

    /// <summary>The programs for the two images; pods are told to go through their links.</summary>
    public IReadOnlyDictionary<string, ImageProgram> Images(Checkout checkout) => new Dictionary<string, ImageProgram>
    {
        [Manifests.OperatorImage] = checkout.Program("operator/Operator", "PushPlatform.Operator", "PUSH_OPERATOR_BIND_ADDRESS") with { Overrides = links ? OperatorAddresses : null },
        [Manifests.NodeImage] = checkout.Program("push-node/PushNode", "PushPlatform.PushNode", NodeEnvironment.BindAddress) with { Overrides = links ? NodeAddresses : null },
    };

    /// <summary>From now on the pods are found at this runner, which was given the images of this stage.</summary>
    public void Run(ProcessRunner runner) => _runner = runner;

    public Task<IReadOnlyList<StagePod>> NodesAsync(CancellationToken cancellationToken) => ListAsync($"pushplatform.io/pool={Manifests.Pool}", cancellationToken);

    public Task<IReadOnlyList<StagePod>> OperatorsAsync(CancellationToken cancellationToken) => ListAsync($"app.kubernetes.io/name={Manifests.OperatorName}", cancellationToken);

    /// <summary>The operator that holds the lease; null while nobody that runs here does. Asks the lease, so a leader that hangs is still named.</summary>
    public async Task<StagePod?> LeaderAsync(CancellationToken cancellationToken)
    {
        V1Lease? lease = await kubernetes.GetAsync<V1Lease>(Manifests.OperatorLease, Manifests.Namespace, cancellationToken);
        if (lease?.Spec?.HolderIdentity is not { Length: > 0 } holder)
        {
            return null;
        }
        foreach (StagePod pod in await OperatorsAsync(cancellationToken))
        {
            // All pods of this machine have its host name: only their logs tell which identity is whose.
            if (_runner.LogPath(pod.Uid) is { } log && (await File.ReadAllTextAsync(log, cancellationToken)).Contains($"this is {holder}", StringComparison.Ordinal))
            {
                return pod;
            }
        }
        return null;
    }

    /// <summary>What the pod's processes have written; null when it never ran.</summary>
    public string? LogPath(StagePod pod) => _runner.LogPath(pod.Uid);

    /// <summary>As a power cut would; the pod's container is started again, under the same name.</summary>
    public void Kill(StagePod pod) => _runner.Kill(pod.Uid);

    /// <summary>Its processes hang with their connections open.</summary>
    public void Pause(StagePod pod) => _runner.Pause(pod.Uid);

    public void Resume(StagePod pod) => _runner.Resume(pod.Uid);

    /// <exception cref="KeyNotFoundException">The stage has no links, or the pod has not been started yet.</exception>
    public PodLinks LinksOf(StagePod pod) => _links[pod.Uid];

    public async ValueTask DisposeAsync()
    {
        foreach (PodLinks pod in _links.Values)
        {
            await pod.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private Dictionary<string, string> NodeAddresses(PodIdentity pod)
    {
        PodLinks own = _links.GetOrAdd(pod.Uid, _ => new PodLinks(FaultyLink.To(redis.Port), FaultyLink.To(rabbit.Port), null));
        return new() { [NodeEnvironment.Redis] = own.Redis.Address, [NodeEnvironment.RabbitMq] = RabbitThrough(own.Rabbit) };
    }

    private Dictionary<string, string> OperatorAddresses(PodIdentity pod)
    {
        PodLinks own = _links.GetOrAdd(pod.Uid, _ => new PodLinks(FaultyLink.To(redis.Port), FaultyLink.To(rabbit.Port), FaultyLink.To(api.Port)));
        string kubeconfig = Path.Combine(_folder, pod.Uid);
        File.WriteAllText(kubeconfig, File.ReadAllText(kubeconfigPath).Replace(api.Authority, own.Api!.Address, StringComparison.Ordinal));
        return new()
        {
            ["PUSH_OPERATOR_REDIS"] = own.Redis.Address,
            ["PUSH_OPERATOR_RABBITMQ"] = RabbitThrough(own.Rabbit),
            ["KUBECONFIG"] = kubeconfig,
        };
    }

    private string RabbitThrough(FaultyLink link) => new UriBuilder(rabbit.Uri) { Port = link.Port }.Uri.ToString();

    private async Task<IReadOnlyList<StagePod>> ListAsync(string selector, CancellationToken cancellationToken)
    {
        EntityList<V1Pod> pods = await kubernetes.ListAsync<V1Pod>(Manifests.Namespace, labelSelector: selector, cancellationToken: cancellationToken);
        return
        [
            .. pods.Items.Where(pod => pod.Metadata.DeletionTimestamp is null).OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal).Select(pod => new StagePod(
                pod.Metadata.Name!,
                pod.Metadata.Uid!,
                pod.Status?.PodIP ?? "",
                pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true)),
        ];
    }
}
