namespace PushPlatform.Scenarios.Cluster;

/// <summary>Where the installed chart can be reached from outside of the cluster.</summary>
/// <param name="Namespace">Of the pool and of the campaigns.</param>
/// <param name="Service">Where cars connect to the pool's Service.</param>
/// <param name="Nginx">Where cars connect to nginx in front of it.</param>
/// <param name="Redis">As in a node's settings; for the audit of the ledger.</param>
internal sealed record ClusterOptions(string Namespace, Uri Service, Uri Nginx, string Redis)
{
    /// <summary>The chart's own.</summary>
    public const string Pool = "default";
}
