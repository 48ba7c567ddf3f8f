using System.Text.Json.Serialization;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Delivery.Orders;

/// <summary>The truth about a pool's orders. The bus only hints that it changed (G6).</summary>
/// <remarks>Every member may be repeated. All throw <see cref="StoreUnavailableException"/>.</remarks>
public interface IOrderBook
{
    /// <summary>All orders and the sequence number, read together.</summary>
    Task<OrderBookPage> ReadAsync(PoolName pool, CancellationToken cancellationToken);

    /// <summary>Writes one order and moves the sequence number, atomically.</summary>
    /// <remarks>
    /// Refused as <see cref="PutOutcome.Stale"/> when the campaign's order is no longer the one it was planned from
    /// (<paramref name="plannedFrom"/> is that order's <see cref="Order.Seq"/>, 0 for none), or when it comes from the same owner
    /// at a lower generation: an older decision never undoes a newer one (G8). Closing (gate Closed) is always accepted.
    /// An equal order changes nothing and is <see cref="PutOutcome.Unchanged"/>.
    /// </remarks>
    Task<PutReply> PutAsync(PoolName pool, Order order, long plannedFrom, CancellationToken cancellationToken);

    /// <summary>Takes a campaign's order out of the book; with a tombstone that is written in the same step. Absent orders are fine.</summary>
    Task<PutReply> RemoveAsync(PoolName pool, string campaignId, Tombstone? tombstone, CancellationToken cancellationToken);

    /// <summary>
    /// Marks the tombstone of a revision whose failed vehicles are tried again as <see cref="Tombstone.Reopened"/>; the revision's next end replaces it. Nothing is
    /// written over a tombstone that already knows of that round.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="end">The tombstone as it stands.</param>
    /// <param name="round">The round of retries that goes on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task ReopenAsync(PoolName pool, Tombstone end, int round, CancellationToken cancellationToken);

    /// <summary>What became of a finished campaign revision, or null. Kept for ever (G10).</summary>
    Task<Tombstone?> FindTombstoneAsync(PoolName pool, string campaignId, int revision, CancellationToken cancellationToken);

    /// <summary>The highest finished revision of a campaign, or null.</summary>
    Task<Tombstone?> FindLatestTombstoneAsync(PoolName pool, string campaignId, CancellationToken cancellationToken);

    /// <summary>A node's result of walking one registry shard for a preview at one generation of one owner; replaces its earlier result.</summary>
    Task ReportPreviewAsync(PoolName pool, PreviewShard result, CancellationToken cancellationToken);

    /// <summary>The results of a campaign's preview, at most one a shard, whatever their generation.</summary>
    Task<IReadOnlyList<PreviewShard>> ReadPreviewAsync(PoolName pool, string campaignId, CancellationToken cancellationToken);
}

/// <summary>A consistent copy of a pool's orders.</summary>
/// <param name="Seq">Moves with each change and is never reused, also across a loss of Redis (it is at least Redis time in µs).</param>
public sealed record OrderBookPage(long Seq, IReadOnlyList<Order> Orders)
{
    public static readonly OrderBookPage Empty = new(0, []);

    /// <summary>Campaigns whose entry is no order, and the number to plan its repair from: nobody carries it out until its operator writes it anew.</summary>
    public IReadOnlyDictionary<string, long> Unreadable { get; init; } = new Dictionary<string, long>();
}

/// <param name="Seq">The pool's sequence number after the call.</param>
/// <param name="Prev">The one before it; equal to <paramref name="Seq"/> when nothing changed.</param>
/// <param name="Order">The order as it now stands in the book, null when there is none.</param>
public sealed record PutReply(PutOutcome Outcome, long Seq, long Prev, Order? Order);

public enum PutOutcome
{
    Accepted,
    Unchanged,
    Stale,
}

/// <summary>The end of one campaign revision.</summary>
public sealed record Tombstone
{
    public required string CampaignId { get; init; }

    public required int Revision { get; init; }

    public required string OwnerUid { get; init; }

    /// <summary>Hash of patch and targets: the same id and revision with other content is refused (G10).</summary>
    public required string ContentHash { get; init; }

    public required string LedgerId { get; init; }

    public required CampaignOutcome Outcome { get; init; }

    public string Reason { get; set; } = "";

    /// <summary>The last round of retries before this end; 0: there was none.</summary>
    public int Retry { get; init; }

    /// <summary>Its failed vehicles are tried again: for as long as the ledger stands, this is no end.</summary>
    public bool Reopened { get; init; }

    /// <summary>It was a dry run: nothing was sent.</summary>
    public bool DryRun { get; init; }

    /// <summary>Name of the campaign of the same patch that it gave way to; null: none.</summary>
    public string? InFavourOf { get; init; }

    public required LedgerCounts Counts { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<CampaignOutcome>))]
public enum CampaignOutcome
{
    Completed,
    Aborted,
    Expired,
}

/// <param name="OwnerUid">uid of the PushCampaign.</param>
/// <param name="Generation">Generation of the order that was walked for: results of another generation do not count.</param>
/// <param name="Matched">Known vehicles of the shard that match, online or not.</param>
/// <param name="At">Redis time in µs.</param>
public sealed record PreviewShard(string CampaignId, string OwnerUid, long Generation, int Shard, long Matched, long At);
