using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>What differs from the installation's push node pod.</summary>
public sealed record PodOverrides
{
    /// <summary>Image of the push node; <see langword="null"/> = the installation's.</summary>
    public string? Image { get; init; }

    /// <summary>When the image is pulled; <see langword="null"/> = Kubernetes decides by the tag.</summary>
    public ImagePullPolicy? ImagePullPolicy { get; init; }

    /// <summary>Secrets for a private registry.</summary>
    public IReadOnlyList<LocalReference>? ImagePullSecrets { get; init; }

    /// <summary>CPU and memory of a node; <see langword="null"/> = the installation's.</summary>
    public ResourceAmounts? Resources { get; init; }

    /// <summary>Labels that a machine must have.</summary>
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Taints that the pods bear.</summary>
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    /// <summary>Priority class of the pods.</summary>
    public string? PriorityClassName { get; init; }

    /// <summary>More labels on the pods; the operator's own win.</summary>
    public IReadOnlyDictionary<string, string>? PodLabels { get; init; }

    /// <summary>More annotations on the pods; the operator's own win.</summary>
    public IReadOnlyDictionary<string, string>? PodAnnotations { get; init; }
}

/// <summary>When an image is pulled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImagePullPolicy>))]
public enum ImagePullPolicy
{
    Always,
    IfNotPresent,
    Never,
}

/// <summary>Names an object in the same namespace.</summary>
public sealed record LocalReference
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
}

/// <summary>CPU and memory, in Kubernetes' quantities.</summary>
public sealed record ResourceAmounts
{
    /// <summary>What is set aside.</summary>
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }

    /// <summary>What may not be exceeded.</summary>
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }
}

/// <summary>A taint that the pods bear.</summary>
public sealed record Toleration
{
    /// <summary>Key of the taint; <see langword="null"/> with Exists = every taint.</summary>
    public string? Key { get; init; }

    /// <summary>How the value is compared.</summary>
    public TolerationOperator Operator { get; set; } = TolerationOperator.Equal;

    /// <summary>Value of the taint; absent with Exists.</summary>
    public string? Value { get; init; }

    /// <summary>Effect of the taint; <see langword="null"/> = every effect.</summary>
    public TaintEffect? Effect { get; init; }

    /// <summary>With NoExecute: seconds until the pod is evicted after all.</summary>
    public long? TolerationSeconds { get; init; }
}

/// <summary>How a taint's value is compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TolerationOperator>))]
public enum TolerationOperator
{
    Equal,
    Exists,
}

/// <summary>What a taint does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaintEffect>))]
public enum TaintEffect
{
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}
