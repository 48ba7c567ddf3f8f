using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>One step of a rollout, as far as it has come. Its numbers are of what happened since it opened.</summary>
public sealed record StepStatus
{
    /// <summary>How far it has come.</summary>
    public required StepState State { get; init; }

    /// <summary>Cars that its opening allowed to be told, beyond the steps before it; absent before it opened, and for all the others at the end.</summary>
    public long? Size { get; init; }

    /// <summary>Cars that were told.</summary>
    public long Attempted { get; init; }

    /// <summary>Cars that have acknowledged.</summary>
    public long Delivered { get; init; }

    /// <summary>Cars that failed, refused, or stayed silent through all attempts.</summary>
    public long Failed { get; init; }

    /// <summary>When it opened.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When all its cars that could be told were: the soak counts from here.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>When the next one opened, or the campaign ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The approval that took it on, where one did.</summary>
    public string? PromotedBy { get; init; }
}

/// <summary>How far a step has come; never back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    /// <summary>Not open yet.</summary>
    Pending,

    /// <summary>Its cars are being told.</summary>
    Pushing,

    /// <summary>They have been told; how it goes is looked at.</summary>
    Soaking,

    /// <summary>Only a person takes it on.</summary>
    AwaitingPromotion,

    /// <summary>Over.</summary>
    Done,

    /// <summary>It took too long: the campaign is aborted.</summary>
    Failed,
}
