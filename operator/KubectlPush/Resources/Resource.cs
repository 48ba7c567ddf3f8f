using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.KubectlPush.Resources;

/// <summary>How an object of the API becomes the part of it that is shown.</summary>
internal static class Resource
{
    public static readonly KubernetesJson Json = new(ViewJson.Default);

    /// <exception cref="Refusal">The object does not fit: this plugin and the cluster are too far apart.</exception>
    public static T Read<T>(JsonElement element)
        where T : class
    {
        try
        {
            return element.Deserialize(Json.TypeInfo<T>()) ?? throw new JsonException("null");
        }
        catch (JsonException fault)
        {
            throw new Refusal($"The answer cannot be read: {fault.Message}", "This plugin may be older or newer than what is installed on the cluster; -o json shows objects as they are.");
        }
    }
}

/// <summary>One object without what is its own.</summary>
internal sealed record CampaignView
{
    public V1ObjectMeta Metadata { get; set; } = new();

    public CampaignSpecView Spec { get; set; } = new();

    public CampaignStatusView Status { get; set; } = new();

    public V1Condition? Condition(string type) => Status.Conditions?.Find(condition => condition.Type == type);

    public bool Is(string type) => Condition(type)?.Status == "True";

    /// <summary>The status speaks of the spec as it stands now.</summary>
    public bool IsAnswered => Status.ObservedGeneration >= (Metadata.Generation ?? 0);
}

internal sealed record CampaignSpecView
{
    public ReferenceView PoolRef { get; set; } = new();

    public int Revision { get; set; } = 1;

    public PatchView Patch { get; set; } = new();

    public PaceView Pace { get; set; } = new();

    public ScheduleView Schedule { get; set; } = new();

    public bool Suspend { get; init; }

    public int Resume { get; init; }

    public RetryView? Retry { get; init; }

    public bool Abort { get; init; }
}

internal sealed record ScheduleView
{
    public DateTimeOffset? ExpireAt { get; init; }
}

internal sealed record ReferenceView
{
    public string Name { get; set; } = "default";
}

internal sealed record PatchView
{
    public string? Id { get; init; }

    public string? Version { get; init; }

    public string? Severity { get; init; }
}

internal sealed record PaceView
{
    public int? MaxPerSecond { get; init; }
}

/// <summary>Names as strings: a phase or state that a newer operator knows is shown all the same.</summary>
internal sealed record CampaignStatusView
{
    public long? ObservedGeneration { get; init; }

    public int? Revision { get; init; }

    public string? Phase { get; init; }

    public string? Outcome { get; init; }

    public string? Message { get; init; }

    public PreviewView? Preview { get; init; }

    public CountsView? Counts { get; init; }

    public int? PercentDelivered { get; init; }

    public string? Pool { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public WindowView? NextWindow { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public int? CurrentStep { get; init; }

    public List<StepView>? Steps { get; init; }

    public bool? DryRun { get; init; }

    public RetryView? Retry { get; init; }

    public string? AbortReason { get; init; }

    public string? SupersededBy { get; init; }

    public string? SpecHash { get; init; }

    public List<V1Condition>? Conditions { get; init; }

    /// <summary>Phase and message, the phase once.</summary>
    [JsonIgnore]
    public string Standing => Message is { } message && Phase is { } phase && message.StartsWith(phase, StringComparison.Ordinal) ? message : $"{Phase}: {Message}";
}

internal sealed record PreviewView
{
    public long Matched { get; init; }

    public long Online { get; init; }

    public long Offline { get; init; }

    public DateTimeOffset? ObservedAt { get; init; }
}

/// <summary>What is asked for, and what became of it.</summary>
internal sealed record RetryView
{
    public int Round { get; init; }

    public long Retried { get; init; }

    public DateTimeOffset? SettledAt { get; init; }

    public string? Refused { get; init; }
}

internal sealed record WindowView
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }
}

internal sealed record CountsView
{
    public long Targeted { get; init; }

    public long Pending { get; init; }

    public long InFlight { get; init; }

    public long Delivered { get; init; }

    public long Failed { get; init; }

    public long Rejected { get; init; }

    public long Expired { get; init; }

    public long Superseded { get; init; }

    public long Suppressed { get; init; }

    /// <summary>Of a dry run: would have been told.</summary>
    public long? Rehearsed { get; init; }

    public long Resends { get; init; }

    public long CaughtUp { get; init; }

    public long? Cancelling { get; init; }

    public long? Cancelled { get; init; }

    /// <summary>What may still be told.</summary>
    [JsonIgnore]
    public long Open => Pending + InFlight;
}

internal sealed record StepView
{
    public string? State { get; init; }

    public long? Size { get; init; }

    public long Attempted { get; init; }

    public long Delivered { get; init; }

    public long Failed { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CampaignView))]
[JsonSerializable(typeof(ApprovalView))]
[JsonSerializable(typeof(PoolView))]
[JsonSerializable(typeof(DeliveryView))]
[JsonSerializable(typeof(FailuresView))]
[JsonSerializable(typeof(VehicleView))]
internal sealed partial class ViewJson : JsonSerializerContext;
