using PushPlatform.Kubernetes.Models;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The pods of the installation.</summary>
internal sealed class ClusterPods(ClusterStage stage)
{
    /// <summary>The names of the pool's nodes that take cars.</summary>
    public async Task<IReadOnlyList<string>> NodesAsync(CancellationToken cancellationToken)
    {
        EntityList<V1Pod> pods = await stage.Kubernetes.ListAsync<V1Pod>(
            stage.Options.Namespace, labelSelector: $"pushplatform.io/pool={Manifests.Pool}", cancellationToken: cancellationToken);
        return [.. pods.Items.Where(IsReady).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
    }

    /// <summary>The names of all pods with these labels, those that are on their way out too.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string labels, CancellationToken cancellationToken) =>
        [.. (await stage.Kubernetes.ListAsync<V1Pod>(stage.Options.Namespace, labels, cancellationToken: cancellationToken)).Items.Select(pod => pod.Metadata.Name!)];

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
}
