namespace PushPlatform.Kubernetes.Models;

[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments")]
public sealed class V1Deployment : KubernetesObject
{
    public V1DeploymentSpec? Spec { get; set; }

    public V1DeploymentStatus? Status { get; set; }
}

public sealed record V1DeploymentSpec
{
    public int? Replicas { get; set; }

    public int? MinReadySeconds { get; set; }

    public int? ProgressDeadlineSeconds { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public V1DeploymentStrategy? Strategy { get; set; }

    public V1PodTemplateSpec? Template { get; set; }
}

public sealed record V1DeploymentStrategy
{
    /// <summary><c>RollingUpdate</c> or <c>Recreate</c>.</summary>
    public string? Type { get; set; }

    public V1RollingUpdateDeployment? RollingUpdate { get; set; }
}

public sealed record V1RollingUpdateDeployment
{
    public IntOrString? MaxSurge { get; set; }

    public IntOrString? MaxUnavailable { get; set; }
}

public sealed record V1DeploymentStatus
{
    public long? ObservedGeneration { get; set; }

    public int? Replicas { get; set; }

    public int? UpdatedReplicas { get; set; }

    public int? ReadyReplicas { get; set; }

    public int? AvailableReplicas { get; set; }

    public int? UnavailableReplicas { get; set; }

    public List<V1WorkloadCondition>? Conditions { get; set; }
}

/// <summary>The older shape of a condition, as Deployments and Pods have it.</summary>
public sealed record V1WorkloadCondition
{
    public string Type { get; set; } = "";

    public string Status { get; set; } = "";

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public DateTimeOffset? LastTransitionTime { get; set; }
}

[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Service", PluralName = "services")]
public sealed class V1Service : KubernetesObject
{
    public V1ServiceSpec? Spec { get; set; }
}

public sealed record V1ServiceSpec
{
    public string? Type { get; set; }

    public string? ClusterIP { get; set; }

    public Dictionary<string, string>? Selector { get; set; }

    public List<V1ServicePort>? Ports { get; set; }

    public string? ExternalTrafficPolicy { get; set; }

    public string? SessionAffinity { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }
}

public sealed record V1ServicePort
{
    public string? Name { get; set; }

    public int Port { get; set; }

    public IntOrString? TargetPort { get; set; }

    public int? NodePort { get; set; }

    public string? Protocol { get; set; }

    public string? AppProtocol { get; set; }
}

[KubernetesEntity(Group = "policy", ApiVersion = "v1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
public sealed class V1PodDisruptionBudget : KubernetesObject
{
    public V1PodDisruptionBudgetSpec? Spec { get; set; }
}

public sealed record V1PodDisruptionBudgetSpec
{
    public IntOrString? MinAvailable { get; set; }

    public IntOrString? MaxUnavailable { get; set; }

    public V1LabelSelector? Selector { get; set; }

    /// <summary><c>IfHealthyBudget</c> or <c>AlwaysAllow</c>.</summary>
    public string? UnhealthyPodEvictionPolicy { get; set; }
}

/// <summary>The scale subresource: what <c>kubectl scale</c> and autoscalers read and write.</summary>
public sealed class V1Scale : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "autoscaling/v1";

    public string Kind { get; set; } = "Scale";

    public V1ObjectMeta Metadata { get; set; } = new();

    public V1ScaleSpec? Spec { get; set; }

    public V1ScaleStatus? Status { get; set; }
}

public sealed record V1ScaleSpec
{
    public int? Replicas { get; set; }
}

public sealed record V1ScaleStatus
{
    public int Replicas { get; set; }

    public string? Selector { get; set; }
}
