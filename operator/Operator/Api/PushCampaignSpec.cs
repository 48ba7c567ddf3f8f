using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>What a person asks for: tell these cars about this patch. Defaults here equal those of <c>crds/pushcampaigns.yaml</c>.</summary>
public sealed record PushCampaignSpec
{
    /// <summary>The pool whose nodes hold the cars. Immutable.</summary>
    public PoolReference PoolRef { get; set; } = new();

    /// <summary>Key of the ledger; <see langword="null"/> means <c>namespace/name</c> of the resource. Immutable.</summary>
    public string? CampaignId { get; init; }

    /// <summary>Raise it to push again, on purpose. Never lowered.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>What the cars are told. Frozen per revision once it has started.</summary>
    [JsonRequired]
    public Patch Patch { get; set; } = new() { Id = "", Version = "" };

    /// <summary>Who is told. Frozen per revision once it has started.</summary>
    [JsonRequired]
    public Targets Targets { get; set; } = new();

    /// <summary>When; <see langword="null"/> means from now on, for seven days.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>How fast.</summary>
    public Pace Pace { get; set; } = new();

    /// <summary>What has to hold before anything is sent, how it may spread, and what stops it by itself.</summary>
    public Rollout Rollout { get; set; } = new();

    /// <summary>What counts as delivered, and how often to try.</summary>
    public DeliverySettings Delivery { get; set; } = new();

    /// <summary>Everything but the send. The same for as long as a revision lasts, once it has started.</summary>
    public bool DryRun { get; init; }

    /// <summary>Among campaigns of one pool that push the same patch, greater goes first; on each node among all.</summary>
    public int Priority { get; set; } = 500;

    /// <summary>What to do about another open campaign of the pool that pushes the same patch.</summary>
    public ConflictPolicy ConflictPolicy { get; set; } = ConflictPolicy.Queue;

    /// <summary>A hold by a person; lifts when it is set back.</summary>
    public bool Suspend { get; init; }

    /// <summary>Raised by a person to go on after a limit of <see cref="Rollout.AbortWhen"/> has paused the campaign.</summary>
    public int Resume { get; init; }

    /// <summary>Raised by a person to try cars again that have failed; <see langword="null"/> means never.</summary>
    public RetryRequest? Retry { get; init; }

    /// <summary>Stops this revision for good; what is open becomes expired.</summary>
    public bool Abort { get; init; }

    /// <summary>Stops this revision as <see cref="Abort"/> does, and tells the cars that have not installed it to forget it; also after its end.</summary>
    public bool Cancel { get; init; }

    /// <summary>Seconds after the end at which the resource is deleted; <see langword="null"/> keeps it.</summary>
    public int? TtlSecondsAfterFinished { get; init; }
}

/// <summary>What a campaign does about another open one of its pool that pushes a patch of the same id.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConflictPolicy>))]
public enum ConflictPolicy
{
    /// <summary>Waits for its turn: by priority, then by age; what has started is not interrupted.</summary>
    Queue,

    /// <summary>Takes the place of older ones whose priority is not higher.</summary>
    Supersede,

    /// <summary>Ends at once rather than wait.</summary>
    Reject,
}

/// <summary>Names a <c>PushPool</c> in the namespace of the campaign.</summary>
public sealed record PoolReference
{
    /// <summary>Name of the pool.</summary>
    public string Name { get; set; } = "default";
}

/// <summary>The notice as a car gets it, member for member; ≤ 32 KiB as JSON.</summary>
public sealed record Patch
{
    /// <summary>What is patched, in the vocabulary of the car.</summary>
    public required string Id { get; init; }

    /// <summary>The version that the car should have afterwards.</summary>
    public required string Version { get; init; }

    /// <summary>Where the car fetches it: http or https.</summary>
    public string? Url { get; init; }

    /// <summary>SHA-256 of the file, 64 lower-case hex digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>How urgent it is to the driver.</summary>
    public Severity Severity { get; set; } = Severity.Recommended;

    /// <summary>Free text for the driver or the workshop.</summary>
    public string? Notes { get; init; }

    /// <summary>Anything else that the car's software understands: a JSON object, passed on untouched.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>How urgent a patch is; passed on to the car, no influence on the push itself.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity
{
    Info,
    Recommended,
    Critical,
}

/// <summary>The time in which notices are sent.</summary>
public sealed record Schedule
{
    /// <summary>Nothing is sent before; <see langword="null"/> means at once.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Nothing is sent after; <see langword="null"/> means seven days after the start.</summary>
    public DateTimeOffset? ExpireAt { get; init; }

    /// <summary>Notices leave in these times only; <see langword="null"/> means at any time.</summary>
    public IReadOnlyList<SendWindow>? Windows { get; init; }

    /// <summary>A car whose own clock shows these hours is told nothing; <see langword="null"/> means none.</summary>
    public QuietHours? QuietHours { get; init; }
}

/// <summary>A time of day by each car's own clock.</summary>
public sealed record QuietHours
{
    /// <summary>When they begin, <c>HH:mm</c> or <c>HH:mm:ss</c>.</summary>
    public required string From { get; init; }

    /// <summary>When they end; earlier than <see cref="From"/> means on the next day.</summary>
    public required string To { get; init; }

    /// <summary>IANA name of the place whose clock counts for cars that do not report where they are.</summary>
    public string TimeZone { get; set; } = "UTC";
}

/// <summary>A time of day, on some days of the week, by the clock on the wall of one place.</summary>
public sealed record SendWindow
{
    /// <summary>Days on which it opens; <see langword="null"/> means every day.</summary>
    public IReadOnlyList<Weekday>? Days { get; init; }

    /// <summary>When it opens, <c>HH:mm</c> or <c>HH:mm:ss</c>.</summary>
    public required string From { get; init; }

    /// <summary>When it closes; not later than <see cref="From"/> means on the next day.</summary>
    public required string To { get; init; }

    /// <summary>IANA name of the place whose clock counts.</summary>
    public required string TimeZone { get; init; }
}

/// <summary>A day of the week.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Weekday>))]
public enum Weekday
{
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// <summary>How fast a campaign goes.</summary>
public sealed record Pace
{
    /// <summary>Sends per second over all nodes together, re-sends included.</summary>
    public int MaxPerSecond { get; set; } = 100;

    /// <summary>Most cars that were told and have not settled; <see langword="null"/> means any number.</summary>
    public int? MaxInFlight { get; init; }

    /// <summary>Of the speed, in percent, what cars may take that were away at the start.</summary>
    public int CatchUpPercent { get; set; } = 100;

    /// <summary>Begins slower and becomes faster with each so many deliveries; <see langword="null"/> means at full speed from the start.</summary>
    public Ramp? Ramp { get; init; }
}

/// <summary>Sends per second that grow with the cars that have it, up to <see cref="Pace.MaxPerSecond"/>.</summary>
public sealed record Ramp
{
    /// <summary>Sends per second at first.</summary>
    public required int BasePerSecond { get; init; }

    /// <summary>What the speed is multiplied with, each time.</summary>
    public double Factor { get; set; } = 2;

    /// <summary>Cars that must have it for each time.</summary>
    public required int EveryDelivered { get; init; }
}

/// <summary>What counts as delivered, and how often to try.</summary>
public sealed record DeliverySettings
{
    /// <summary>Which answer of the car settles its delivery.</summary>
    public RequiredAck AckLevel { get; set; } = RequiredAck.Received;

    /// <summary>Seconds to wait for <c>received</c> before sending again.</summary>
    public int AckTimeoutSeconds { get; set; } = 30;

    /// <summary>Sends to a connected car that stays silent, after which it has failed.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>A car that any campaign of the pool has told something less than so many seconds ago waits; 0: it does not.</summary>
    public int PerVehicleMinIntervalSeconds { get; set; }

    /// <summary>Seconds to wait for <c>installed</c> after <c>received</c>; only with <see cref="RequiredAck.Installed"/>.</summary>
    public int InstallTimeoutSeconds { get; set; } = 86_400;
}

/// <summary>Which answer of the car settles its delivery.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RequiredAck>))]
public enum RequiredAck
{
    Received,
    Installed,
}
