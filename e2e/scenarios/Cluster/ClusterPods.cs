using PushPlatform.Kubernetes.Models;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The pods of the installation.</summary>
internal sealed class ClusterPods(ClusterStage stage)
{
    /// <summary>The names of the pool's nodes that take cars.</summary>
    public Task<IReadOnlyList<string>> NodesAsync(CancellationToken cancellationToken) => ReadyAsync($"pushplatform.io/pool={Manifests.Pool}", cancellationToken);

    /// <summary>The names of the release's operators, leading or not.</summary>
    public Task<IReadOnlyList<string>> OperatorsAsync(CancellationToken cancellationToken) =>
        ReadyAsync($"app.kubernetes.io/instance={ChartRelease.Name},app.kubernetes.io/component=operator", cancellationToken);

    /// <summary>Waits until neither operator nor bundled servers have a pod, also none that is on its way out. nginx is: it keeps its cars for as long as it may.</summary>
    public Task WhenUninstalledAsync(CancellationToken cancellationToken) => stage.UntilAsync(
        "servers and operator to be gone",
        async token => (await stage.Kubernetes.ListAsync<V1Pod>(
            stage.Options.Namespace, $"app.kubernetes.io/instance={ChartRelease.Name},app.kubernetes.io/component in (operator,redis,rabbitmq)", cancellationToken: token)).Items.Count == 0,
        cancellationToken);

    /// <summary>Waits until there are as many nodes as before, and none of those.</summary>
    public Task WhenReplacedAsync(IReadOnlyList<string> before, CancellationToken cancellationToken) => stage.UntilAsync(
        "new nodes in place of the old ones",
        async token => await NodesAsync(token) is var now && now.Count == before.Count && !now.Intersect(before).Any(),
        cancellationToken);

    /// <summary>The names of the pods with these labels that are ready and stay.</summary>
    public async Task<IReadOnlyList<string>> ReadyAsync(string labels, CancellationToken cancellationToken)
    {
        EntityList<V1Pod> pods = await stage.Kubernetes.ListAsync<V1Pod>(stage.Options.Namespace, labels, cancellationToken: cancellationToken);
        return [.. pods.Items.Where(IsReady).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
    }

    /// <summary>The names of all pods with these labels, those that are on their way out too.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string labels, CancellationToken cancellationToken) =>
        [.. (await stage.Kubernetes.ListAsync<V1Pod>(stage.Options.Namespace, labels, cancellationToken: cancellationToken)).Items.Select(pod => pod.Metadata.Name!)];

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
}
