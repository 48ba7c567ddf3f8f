using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>One copy of a notice as a car received it. Times are since the schedule's start.</summary>
internal sealed record Copy(string Vid, string Delivery, TimeSpan At);

/// <summary>A delivery that must not be sent.</summary>
/// <param name="Delivery">Its id.</param>
/// <param name="From">When the API had answered the write.</param>
/// <param name="Until">When the write that lifts it began; null: never.</param>
/// <param name="What">The write, in words.</param>
/// <param name="AtOnce">It was never open: there is no send to end.</param>
/// <param name="Guarantee">What is broken when it is sent all the same.</param>
internal sealed record Stop(string Delivery, TimeSpan From, TimeSpan? Until, string What, bool AtOnce = false, string Guarantee = "G5");

/// <summary>A time in which the leading operator could not carry out what a person asked for.</summary>
/// <param name="From">When the fault began.</param>
/// <param name="To">When it was mended.</param>
/// <param name="LeaderGone">It was dead, hung, or cut off from the API, so that another one may have to take over; otherwise it could not reach Redis.</param>
internal sealed record Outage(TimeSpan From, TimeSpan To, bool LeaderGone);

/// <summary>A time in which this process itself did not run: what it then noted late proves nothing about anybody else.</summary>
internal sealed record Starvation(TimeSpan From, TimeSpan To);

/// <summary>One car, by its own account.</summary>
/// <param name="Vid">Which car.</param>
/// <param name="Answer">What it answers to a notice.</param>
/// <param name="IsSlow">Its answer may come after its attempts are used up.</param>
/// <param name="Shown">How often its application saw each delivery.</param>
internal sealed record CarSeen(string Vid, VehicleAnswer Answer, bool IsSlow, IReadOnlyDictionary<string, int> Shown)
{
    /// <summary>The deliveries that its application was told to forget.</summary>
    public IReadOnlySet<string> Forgotten { get; init; } = new HashSet<string>();

    /// <summary>What became of its connections, for the message.</summary>
    public string Connections { get; init; } = "";
}

/// <summary>What has to become of a campaign's revision.</summary>
internal enum Ending
{
    /// <summary>Everybody who is meant has settled.</summary>
    Completed,

    /// <summary>The same, or the time was up first.</summary>
    Expired,

    /// <summary>A person stopped it, or it had ended before.</summary>
    Stopped,

    /// <summary>A person took it back, before or after its end.</summary>
    Cancelled,

    /// <summary>It stalled for want of its ledger.</summary>
    LedgerLost,
}

/// <summary>One revision of one campaign, in the end.</summary>
internal sealed record RevisionSeen(string Delivery, int MaxPerSecond, Ending Ending)
{
    public int? Cap { get; init; }

    /// <summary>When the resource was created again, after it had been deleted.</summary>
    public TimeSpan? RecreatedAt { get; init; }

    /// <summary>Whether its resource came to the end that its spec implies, while the checker waited.</summary>
    public required bool Ended { get; init; }

    /// <summary>What the resource said last, for the message.</summary>
    public string Status { get; init; } = "";

    /// <summary>Cars that are targets without any doubt.</summary>
    public IReadOnlySet<string> Targets { get; init; } = new HashSet<string>();

    /// <summary>Cars that are none without any doubt.</summary>
    public IReadOnlySet<string> Others { get; init; } = new HashSet<string>();

    /// <summary>The ledger; null where there is none, or none is left.</summary>
    public IReadOnlyDictionary<string, DeliveryRecord>? Records { get; init; }

    /// <summary>Cars that had failed when a person had such cars tried again; null where nobody did.</summary>
    public IReadOnlySet<string>? TriedAgain { get; init; }

    /// <summary>Cars that were to forget it, and whether the ledger says that they have.</summary>
    public IReadOnlyDictionary<string, bool> Forgets { get; init; } = new Dictionary<string, bool>();

    /// <summary>What differs between the ledger's counters, its records and the status.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];
}

internal sealed record Observations(
    IReadOnlyList<RevisionSeen> Revisions,
    IReadOnlyList<CarSeen> Cars,
    IReadOnlyList<Copy> Copies,
    IReadOnlyList<Stop> Stops,
    IReadOnlyList<Outage> Outages,
    IReadOnlyList<Starvation> Starved);

/// <param name="Guarantee"><c>G1</c> … <c>G10</c>.</param>
/// <param name="What">In words, with the vid and its record where there is one.</param>
/// <param name="Inconclusive">This process was starved at that time, so it may be its own lateness.</param>
internal sealed record Finding(string Guarantee, string What, bool Inconclusive = false);
