using System.Text.Json.Nodes;

namespace PushPlatform.Kubernetes.Models;

[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class V1Pod : KubernetesObject
{
    public V1PodSpec? Spec { get; set; }

    public V1PodStatus? Status { get; set; }
}

public sealed record V1PodTemplateSpec
{
    public V1ObjectMeta? Metadata { get; set; }

    public V1PodSpec? Spec { get; set; }
}

public sealed record V1PodSpec
{
    public List<V1Container> Containers { get; set; } = [];

    public string? NodeName { get; set; }

    public Dictionary<string, string>? NodeSelector { get; set; }

    public string? ServiceAccountName { get; set; }

    public bool? AutomountServiceAccountToken { get; set; }

    public bool? EnableServiceLinks { get; set; }

    public string? PriorityClassName { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public List<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    /// <summary>Handed on as the user wrote it.</summary>
    public JsonObject? Affinity { get; set; }

    public List<V1Toleration>? Tolerations { get; set; }

    public List<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; set; }

    public V1PodSecurityContext? SecurityContext { get; set; }

    public List<V1Volume>? Volumes { get; set; }
}

public sealed record V1PodStatus
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string? Phase { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public string? PodIP { get; set; }

    public DateTimeOffset? StartTime { get; set; }

    public List<V1WorkloadCondition>? Conditions { get; set; }
}

public sealed record V1LocalObjectReference
{
    public string? Name { get; set; }
}

public sealed record V1Toleration
{
    public string? Key { get; set; }

    public string? Operator { get; set; }

    public string? Value { get; set; }

    public string? Effect { get; set; }

    public long? TolerationSeconds { get; set; }
}

public sealed record V1TopologySpreadConstraint
{
    public int MaxSkew { get; set; }

    public string TopologyKey { get; set; } = "";

    /// <summary><c>DoNotSchedule</c> or <c>ScheduleAnyway</c>.</summary>
    public string WhenUnsatisfiable { get; set; } = "";

    public V1LabelSelector? LabelSelector { get; set; }
}

public sealed record V1PodSecurityContext
{
    public bool? RunAsNonRoot { get; set; }

    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public long? FsGroup { get; set; }

    public V1SeccompProfile? SeccompProfile { get; set; }
}

public sealed record V1SeccompProfile
{
    public string Type { get; set; } = "";

    public string? LocalhostProfile { get; set; }
}

public sealed record V1Volume
{
    public string Name { get; set; } = "";

    public V1SecretVolumeSource? Secret { get; set; }

    public V1ConfigMapVolumeSource? ConfigMap { get; set; }

    public V1EmptyDirVolumeSource? EmptyDir { get; set; }
}

public sealed record V1SecretVolumeSource
{
    public string? SecretName { get; set; }

    public bool? Optional { get; set; }

    public int? DefaultMode { get; set; }
}

public sealed record V1ConfigMapVolumeSource
{
    public string? Name { get; set; }

    public bool? Optional { get; set; }
}

public sealed record V1EmptyDirVolumeSource
{
    public string? Medium { get; set; }

    public string? SizeLimit { get; set; }
}
