using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>Stops a campaign by itself when more than a share of the cars that were tried did not take the patch.</summary>
public sealed record AbortLimit
{
    /// <summary>Which cars count against it.</summary>
    public LimitFailure Failure { get; set; } = LimitFailure.Any;

    /// <summary>It is exceeded by more than this percentage of the cars with an outcome.</summary>
    public required int Percent { get; init; }

    /// <summary>With fewer outcomes nothing is judged.</summary>
    public int MinSamples { get; set; } = 10;

    /// <summary>What happens then.</summary>
    public LimitAction Action { get; set; } = LimitAction.Pause;
}

/// <summary>Why a car did not take the patch.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LimitFailure>))]
public enum LimitFailure
{
    /// <summary>The car said so, or did not install it in time.</summary>
    Failed,

    /// <summary>The car does not want it.</summary>
    Rejected,

    /// <summary>The car stayed silent through all attempts.</summary>
    NoAck,

    /// <summary>Any of these.</summary>
    Any,
}

/// <summary>What an exceeded limit does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LimitAction>))]
public enum LimitAction
{
    /// <summary>Holds the campaign until a person raises <see cref="PushCampaignSpec.Resume"/>.</summary>
    Pause,

    /// <summary>Stops the revision for good.</summary>
    Abort,
}

/// <summary>How a campaign stands to its limits.</summary>
public sealed record LimitsStatus
{
    /// <summary>The limit that was exceeded; <see langword="null"/> while none is.</summary>
    public ExceededLimit? Exceeded { get; init; }

    /// <summary>Where the count began anew; <see langword="null"/> means at the start.</summary>
    public LimitTally? JudgedFrom { get; init; }
}

/// <summary>An exceeded limit, and what was seen.</summary>
public sealed record ExceededLimit
{
    /// <summary>Which cars counted.</summary>
    public required LimitFailure Failure { get; init; }

    /// <summary>The limit.</summary>
    public required int Percent { get; init; }

    /// <summary>What it does.</summary>
    public required LimitAction Action { get; init; }

    /// <summary>Cars that counted against it.</summary>
    public long Cars { get; init; }

    /// <summary>Cars with an outcome.</summary>
    public long Attempted { get; init; }

    /// <summary>When it was seen.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary><see cref="PushCampaignSpec.Resume"/> at that time: a higher one lifts a pause.</summary>
    public int Resume { get; init; }
}

/// <summary>Outcomes of cars, added up.</summary>
public sealed record LimitTally
{
    /// <summary>Cars with an outcome.</summary>
    public long Attempted { get; init; }

    /// <summary>Of these, failed by the car's own word or for want of <c>installed</c>, also after they had been delivered.</summary>
    public long Failed { get; init; }

    /// <summary>Of these, rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>Of these, silent.</summary>
    public long NoAck { get; init; }
}
