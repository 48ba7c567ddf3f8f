using System.Text.Json.Serialization;

namespace PushPlatform.Kubernetes.Models;

public sealed record V1ObjectMeta
{
    public string? Name { get; set; }

    public string? GenerateName { get; set; }

    [JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public long? Generation { get; set; }

    public DateTimeOffset? CreationTimestamp { get; set; }

    public DateTimeOffset? DeletionTimestamp { get; set; }

    public long? DeletionGracePeriodSeconds { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public List<string>? Finalizers { get; set; }

    public List<V1OwnerReference>? OwnerReferences { get; set; }
}

public sealed record V1OwnerReference
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    public string Uid { get; set; } = "";

    public bool? Controller { get; set; }

    public bool? BlockOwnerDeletion { get; set; }
}

public sealed record V1ListMeta
{
    public string? ResourceVersion { get; set; }

    [JsonPropertyName("continue")]
    public string? ContinueProperty { get; set; }

    public long? RemainingItemCount { get; set; }
}

/// <summary>The API server's answer to what it refused.</summary>
public sealed record V1Status
{
    public string? Status { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }

    public int? Code { get; set; }

    public V1StatusDetails? Details { get; set; }
}

public sealed record V1StatusDetails
{
    public string? Name { get; set; }

    public string? Group { get; set; }

    public string? Kind { get; set; }

    public int? RetryAfterSeconds { get; set; }

    public List<V1StatusCause>? Causes { get; set; }
}

public sealed record V1StatusCause
{
    public string? Field { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }
}

/// <summary>metav1.Condition: status is <c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
public sealed record V1Condition
{
    public string Type { get; set; } = "";

    public string Status { get; set; } = "Unknown";

    public long? ObservedGeneration { get; set; }

    public DateTimeOffset LastTransitionTime { get; set; }

    /// <summary>CamelCase, never empty (the API server refuses an empty one).</summary>
    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";
}

public sealed record V1LabelSelector
{
    public Dictionary<string, string>? MatchLabels { get; set; }

    public List<V1LabelSelectorRequirement>? MatchExpressions { get; set; }
}

public sealed record V1LabelSelectorRequirement
{
    public string Key { get; set; } = "";

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</summary>
    [JsonPropertyName("operator")]
    public string OperatorProperty { get; set; } = "";

    public List<string>? Values { get; set; }
}
