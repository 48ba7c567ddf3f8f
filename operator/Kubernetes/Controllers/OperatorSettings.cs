using System.Text.Json.Serialization.Metadata;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.Kubernetes.Controllers;

public enum LeaderElectionType
{
    /// <summary>This process takes itself for the only one: tests and laptops.</summary>
    None,

    /// <summary>One leader by a Lease; the others keep their caches warm and wait.</summary>
    Single,
}

/// <summary>What an operator decides about its runtime. The defaults are those of client-go and controller-runtime where they have one.</summary>
public sealed class OperatorSettings
{
    /// <summary>Lower-case DNS name: names the lease (<c>{Name}-leader</c>), the reporter of events and the field manager of finalizers.</summary>
    public string Name { get; set; } = "operator";

    /// <summary>The namespace to watch; null = all.</summary>
    public string? Namespace { get; set; }

    /// <summary>Which API server; null = $KUBECONFIG, ~/.kube/config, then the Pod's service account.</summary>
    public KubernetesClientConfiguration? Client { get; set; }

    public LeaderElectionType LeaderElection { get; set; } = LeaderElectionType.None;

    /// <summary>Where the lease lives; null = the Pod's (or kubeconfig's) namespace.</summary>
    public string? LeaderElectionNamespace { get; set; }

    /// <summary>How long others wait for a holder that shows no sign of life.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a holder tries to renew before it gives up and the process ends. Less than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Workers per controller: so many objects are reconciled at once.</summary>
    public int MaxParallelReconciliations { get; set; } = 4;

    /// <summary>A reconcile that takes longer is cancelled and counts as failed.</summary>
    public TimeSpan ReconcileTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Every object is reconciled at least this often (up to a tenth earlier, so that they spread).</summary>
    public TimeSpan ResyncPeriod { get; set; } = TimeSpan.FromMinutes(10);

    public TimeSpan ErrorBackoffBase { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan ErrorBackoffCap { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The source-generated JSON contexts of the operator's own kinds.</summary>
    public IList<IJsonTypeInfoResolver> JsonResolvers { get; } = [];
}
