namespace PushPlatform.KubectlPush.Cluster;

/// <summary>Which cluster, as on kubectl's command line.</summary>
/// <param name="Kubeconfig">A file; null = $KUBECONFIG, else ~/.kube/config.</param>
/// <param name="Context">Null = the current one.</param>
/// <param name="Namespace">Null = the context's.</param>
internal sealed record ClusterOptions(string? Kubeconfig, string? Context, string? Namespace);
