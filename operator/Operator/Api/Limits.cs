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

    /// <summary>Seconds after which an outcome counts no more; <see langword="null"/> means that all of them count.</summary>
    public int? WindowSeconds { get; init; }

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

    /// <summary>What the limits over the last so many seconds need to know of the past; <see langword="null"/> without any.</summary>
    public IReadOnlyList<LimitWindow>? Windows { get; init; }
}

/// <summary>The outcomes of the last so many seconds, for all limits that look that far back.</summary>
public sealed record LimitWindow
{
    /// <summary><see cref="AbortLimit.WindowSeconds"/> of those limits.</summary>
    public required int Seconds { get; init; }

    /// <summary>Oldest first, at most one for each tenth of the window, and only where something had changed.</summary>
    public IReadOnlyList<LimitSample> Samples { get; init; } = [];
}

/// <summary>The outcomes of all cars at one time.</summary>
public sealed record LimitSample
{
    /// <summary>When they were added up: a whole second.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Cars that had an outcome by then.</summary>
    public required LimitTally Outcomes { get; init; }
}

/// <summary>An exceeded limit, and what was seen.</summary>
public sealed record ExceededLimit
{
    /// <summary>Which cars counted.</summary>
    public required LimitFailure Failure { get; init; }

    /// <summary>The limit.</summary>
    public required int Percent { get; init; }

    /// <summary>How far back it looked; <see langword="null"/> means to the start.</summary>
    public int? WindowSeconds { get; init; }

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
