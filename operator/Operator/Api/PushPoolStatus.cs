using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api;

/// <summary>What the operator sees of a pool.</summary>
public sealed record PushPoolStatus
{
    /// <summary>The generation of the spec that this status answers.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Push nodes that exist and are not being drained.</summary>
    public int? Replicas { get; init; }

    /// <summary>Of these, ready for cars.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>Push nodes that are sending their cars away.</summary>
    public int? DrainingReplicas { get; init; }

    /// <summary>Cars connected to the pool.</summary>
    public long? Connections { get; init; }

    /// <summary>Label selector of the pool's pods that are not being drained, in text form, for the scale subresource.</summary>
    public string? Selector { get; init; }

    /// <summary>Where the operator answers what became of a car: <c>service:namespace/name:port</c> through the API server's proxy, or a URL; null = nowhere.</summary>
    public string? InquiryAddress { get; init; }

    /// <summary>What the pool began with: its registry and ledgers are of these units, whatever the spec says since.</summary>
    public SessionMode? Sessions { get; init; }

    /// <summary>Ready; and only while they are true Reconciling, Stalled.</summary>
    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}
