using System.Text.Json.Serialization;
using PushPlatform.Delivery.Targeting;

namespace PushPlatform.Delivery.Orders;

/// <summary>What the nodes of a pool are told about one campaign. Immutable: a change is a new order, swapped whole.</summary>
/// <remarks>The order is what nodes do; the right to send comes from the ledger's pace alone, so a node with an old order sends nothing it must not.</remarks>
public sealed record Order
{
    public required string CampaignId { get; init; }

    public required int Revision { get; init; }

    /// <summary>uid of the PushCampaign that it was planned from.</summary>
    public required string OwnerUid { get; init; }

    /// <summary>metadata.generation of that PushCampaign; for one uid it never falls.</summary>
    public required long Generation { get; init; }

    /// <summary>The pool's sequence number at which this order was written; 0 before it is. Set by <see cref="IOrderBook"/>.</summary>
    public long Seq { get; init; }

    /// <summary>Empty until a ledger exists (while the gate is <see cref="Gate.Preview"/>).</summary>
    public string LedgerId { get; set; } = "";

    public required Gate Gate { get; init; }

    public required TargetFilter Filter { get; init; }

    /// <summary>The campaign is cancelled: vehicles that are marked in the ledger are told to forget it, and nobody is told of it. The gate is <see cref="Gate.Paused"/> then, so a node that does not know this does nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Cancels { get; set; }

    /// <summary>
    /// Targets come from explicit lists, which the operator puts in and previews by itself: nodes neither walk for this order nor take newcomers.
    /// </summary>
    public bool Listed { get; init; }

    /// <summary>Matching vehicles whose first contact is at or after <see cref="StartedAt"/> are taken along at their first claim.</summary>
    public bool TakesNewVehicles { get; init; }

    /// <summary>Redis time in µs at which the ledger was made: the line between known and new vehicles. 0 before.</summary>
    public long StartedAt { get; init; }

    public required DeliveryRules Delivery { get; init; }

    /// <summary>Everything is done but the send: no notice leaves, and a vehicle that would have been told is noted as such. The same for as long as the ledger lives.</summary>
    public bool DryRun { get; init; }

    /// <summary>A vehicle whose own clock shows these hours is sent nothing; null: there are none.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>Greater goes first on each node. 500 unless asked otherwise.</summary>
    public int Priority { get; set; } = 500;

    /// <summary>The last round of retries, as the notice names it: vehicles that were put back by it are sent no earlier notice.</summary>
    public int Retry { get; init; }

    /// <summary>The ready-made push frame: JSON text, the same bytes for every vehicle, at most 64 KiB as UTF-8.</summary>
    public required string Notice { get; init; }

    /// <summary>The revision's trace, as a W3C <c>traceparent</c>; the same for as long as the revision lives. Null: an order of an older version.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The ledger's key in a given pool.</summary>
    public CampaignKey Key(PoolName pool) => new(pool, CampaignId, Revision);
}

/// <summary>How far a campaign may go. Only <see cref="Open"/> lets anything leave.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Gate>))]
public enum Gate
{
    /// <summary>Nodes count who would get it.</summary>
    Preview,

    /// <summary>Nodes put the matching known vehicles into the ledger.</summary>
    Freeze,

    /// <summary>Nodes send.</summary>
    Open,

    /// <summary>Nothing new leaves; acks are still recorded.</summary>
    Paused,

    /// <summary>Over: nodes forget the order.</summary>
    Closed,
}

/// <summary>How a delivery is confirmed and repeated. Time-out and attempts are about <c>received</c> only.</summary>
public sealed record DeliveryRules
{
    public AckLevel AckLevel { get; set; } = AckLevel.Received;

    /// <summary>Seconds that a vehicle has to acknowledge one attempt.</summary>
    public int AckTimeoutSeconds { get; set; } = 30;

    /// <summary>Attempts that may time out on a connected vehicle before the delivery is <c>failed(NoAck)</c>.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Seconds from <c>received</c> to <c>installed</c>, with <see cref="AckLevel.Installed"/>.</summary>
    public int InstallTimeoutSeconds { get; set; } = 86400;

    /// <summary>Most vehicles in flight at a time, over all nodes; null for any number.</summary>
    public int? MaxInFlight { get; set; }

    /// <summary>A vehicle that any campaign of the pool has told something less than so many seconds ago waits; 0: it does not.</summary>
    public int MinIntervalSeconds { get; set; }

    /// <summary>Of the rate, what vehicles that were away at the start may take. 100: they are like all others.</summary>
    public int CatchUpPercent { get; set; } = 100;
}

/// <summary>A time of day, in seconds of it: from (inclusive) to (exclusive), over midnight if <see cref="ToSecond"/> is not later.</summary>
public sealed record QuietHours
{
    public required int FromSecond { get; init; }

    /// <summary>Another than <see cref="FromSecond"/>.</summary>
    public required int ToSecond { get; init; }

    /// <summary>IANA name of the zone of vehicles that report none.</summary>
    public required string TimeZone { get; init; }
}

/// <summary>The ack that settles a delivery as delivered.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AckLevel>))]
public enum AckLevel
{
    Received,
    Installed,
}
