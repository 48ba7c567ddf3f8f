namespace PushPlatform.Delivery.Ledger;

/// <summary>The truth about who was told what: the operator's side. Only the operator creates a ledger.</summary>
/// <remarks>Every member may be repeated. Calls that name a ledger id change nothing in another ledger (G9). All throw <see cref="StoreUnavailableException"/>.</remarks>
public interface ILedgerControl
{
    /// <summary>Makes the pace (gate closed) and the 16 headers. Repeating it with the same id completes what a crash left undone.</summary>
    Task<CreateReply> CreateAsync(CampaignKey campaign, LedgerPlan plan, CancellationToken cancellationToken);

    /// <summary>Pace, counters and shards, each shard consistent in itself. Null when there is no trace of a ledger.</summary>
    Task<LedgerReading?> ReadAsync(CampaignKey campaign, CancellationToken cancellationToken);

    /// <summary>Changes the pace. False: the ledger is lost.</summary>
    Task<bool> SetPaceAsync(CampaignKey campaign, string ledgerId, Pace pace, CancellationToken cancellationToken);

    /// <summary>Moves <c>supervisedUntil</c> forward, never back, to <paramref name="ahead"/> from now. False: the ledger is lost.</summary>
    Task<bool> SuperviseAsync(CampaignKey campaign, string ledgerId, TimeSpan ahead, CancellationToken cancellationToken);

    /// <summary>
    /// Moves unused shares of the cap between shards. The sum of the quotas never exceeds the cap, and whatever of it a move that broke off left with no shard is
    /// shared out by the next one.
    /// </summary>
    /// <param name="seen">What the move was planned from.</param>
    /// <param name="cap">Most vehicles that may be told by now: it may grow from move to move, and what is new is shared out like what no shard has.</param>
    /// <returns>False: another move has begun meanwhile, or the ledger is lost or has no cap; a part of what is free may be with no shard until the next move.</returns>
    Task<bool> MoveQuotaAsync(CampaignKey campaign, LedgerReading seen, long cap, QuotaMove move, CancellationToken cancellationToken);

    /// <summary>Ends open records of a shard, a bounded number a call. Repeat until nothing remains.</summary>
    Task<EndReply> EndAsync(CampaignKey campaign, string ledgerId, int shard, EndOpen what, CancellationToken cancellationToken);

    /// <summary>
    /// Turns records that waited too long for <c>installed</c> into failed(NotInstalled), and takes those sent <paramref name="silence"/> ago without an answer
    /// out of what <see cref="ClaimRules.MaxInFlight"/> counts, a bounded number of buckets a call.
    /// </summary>
    /// <param name="silence">Null: none is taken out.</param>
    Task<EndReply> SweepTimeoutsAsync(CampaignKey campaign, string ledgerId, int shard, int fromBucket, TimeSpan? silence, CancellationToken cancellationToken);

    /// <summary>
    /// Marks vehicles of a shard that were told and have neither installed nor rejected it as ones that are to forget it, a bounded number a call, each once. Repeat
    /// until nothing remains. For what has ended only.
    /// </summary>
    Task<EndReply> MarkCancelledAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken);

    /// <summary>
    /// Puts the failed records of a shard back to pending, a bounded number of buckets a call: each record at most once a round, whoever asks and however often. They keep
    /// their share of the cap. Repeat until nothing remains.
    /// </summary>
    /// <param name="campaign">The ledger's key.</param>
    /// <param name="ledgerId">Of the ledger that is meant.</param>
    /// <param name="shard">0 to 15.</param>
    /// <param name="round">Above all rounds before it, or nothing happens.</param>
    /// <param name="codes">Null: all that have failed. Else those that have failed or rejected with one of these.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<EndReply> RetryAsync(CampaignKey campaign, string ledgerId, int shard, int round, IReadOnlyList<string>? codes, CancellationToken cancellationToken);

    /// <summary>Every record of the ledger, read bucket by bucket: for audit and export, never on a hot path.</summary>
    IAsyncEnumerable<DeliveryRecord> ScanAsync(CampaignKey campaign, CancellationToken cancellationToken);

    /// <summary>Compares the counters with a full scan (G2). Exact once nothing moves any more.</summary>
    Task<AuditReport> AuditAsync(CampaignKey campaign, CancellationToken cancellationToken);

    /// <summary>Lets a finished ledger expire after <paramref name="keepFor"/>; null: it is not over after all, and stays.</summary>
    Task RetireAsync(CampaignKey campaign, string ledgerId, TimeSpan? keepFor, CancellationToken cancellationToken);

    /// <summary>Faults of the server's settings that make it unfit for a ledger (an eviction policy; no AOF is a warning), in words for a person.</summary>
    Task<ServerReport> InspectServerAsync(CancellationToken cancellationToken);
}

/// <param name="LedgerId">Random; the same on a retry.</param>
/// <param name="ExpectedTargets">Sizes the buckets (≈ 64 vids each); being wrong costs memory, not correctness.</param>
/// <param name="Cap">Most vehicles that may be told; null for no cap. Split over the shards, and raised by moves where it grows later.</param>
public sealed record LedgerPlan(string LedgerId, string ContentHash, string OwnerUid, long ExpectedTargets, long? Cap, Pace Pace);

/// <param name="Open">Leases are granted.</param>
/// <param name="RatePerSecond">
/// Over all nodes, at least 1; null for no limit. At 1 the mean is 2/3: two sends within a second would break the bound that a lease promises.
/// </param>
/// <param name="NotAfter">No lease is granted at or after this time.</param>
/// <param name="Supervised">Leases need <c>supervisedUntil</c> in the future: the campaign does not go on without an operator (G8).</param>
/// <param name="DryRun">Leases are granted to those that ask for a dry run, and to nobody else. The same for as long as the ledger lives.</param>
/// <param name="Cancels">Leases for telling vehicles to forget it are granted. Never together with <paramref name="Open"/>.</param>
/// <param name="CatchUpPercent">
/// Of the rate, what sends to vehicles that were away at the start may take: in any window of w seconds at most that share × (w + 1) sends, and one more. 100: no bound of their own.
/// </param>
public sealed record Pace(bool Open, int? RatePerSecond, DateTimeOffset NotAfter, bool Supervised, bool DryRun = false, bool Cancels = false, int CatchUpPercent = 100)
{
    /// <summary>The same, and nothing leaves.</summary>
    public Pace Shut => this with { Open = false, Cancels = false };

    /// <summary>No lease is granted.</summary>
    public bool IsShut => !Open && !Cancels;
}

/// <param name="LedgerId">Of the ledger that stands, if any.</param>
/// <param name="StartedAt">Redis time in µs at which the ledger was first made: the line between known and new vehicles.</param>
public sealed record CreateReply(CreateOutcome Outcome, string LedgerId, long StartedAt);

public enum CreateOutcome
{
    /// <summary>Made now, or made before with the same id.</summary>
    Created,

    /// <summary>Another ledger of the same owner and content stands: go on with it.</summary>
    Exists,

    /// <summary>A ledger with other content stands: <c>RevisionReused</c>.</summary>
    OtherContent,

    /// <summary>A ledger of another owner stands: <c>CampaignIdInUse</c> if that owner lives.</summary>
    OtherOwner,
}

/// <summary>What stands in a ledger.</summary>
/// <param name="Pace">Null when the pace is missing.</param>
/// <param name="StartedAt">Redis time in µs.</param>
/// <param name="RedisNow">Redis time in µs at the read.</param>
/// <param name="Shards">16 entries, null where the header is missing or has another ledger id.</param>
public sealed record LedgerReading(
    string LedgerId, string ContentHash, string OwnerUid, Pace? Pace, long StartedAt, long RedisNow, IReadOnlyList<LedgerShard?> Shards)
{
    /// <summary>Whole: pace and every header are there, all with this ledger's id.</summary>
    public bool Whole => Pace is not null && Shards.All(shard => shard is not null);

    public bool Frozen => Whole && Shards.All(shard => shard!.Frozen);

    /// <summary>The last round of retries that every shard has put back; 0: none.</summary>
    public int Retry => Whole ? Shards.Min(shard => shard!.RetryDone) : 0;

    public LedgerCounts Counts => Shards.Aggregate(LedgerCounts.Zero, (sum, shard) => shard is null ? sum : sum + shard.Counts);
}

/// <param name="Quota">Null: no cap.</param>
/// <param name="Claimed">Vehicles of the shard granted at least once.</param>
/// <param name="Move">The number of the last move of quota that it took part in.</param>
/// <param name="Marked">Whoever is to forget it is marked (<see cref="ILedgerControl.MarkCancelledAsync"/>).</param>
/// <param name="Retry">The last round of retries that it has begun.</param>
/// <param name="RetryDone">The last one that it is through with.</param>
/// <param name="Retried">Vehicles that <paramref name="Retry"/> has put back.</param>
public sealed record LedgerShard(
    int Shard, bool Frozen, int Buckets, long? Quota, long Claimed, LedgerCounts Counts, long Move = 0, bool Marked = false,
    int Retry = 0, int RetryDone = 0, long Retried = 0)
{
    /// <summary>Pending, and not granted yet: those that a retry has put back have their share of the cap.</summary>
    public long Untold => Counts.Pending - Counts.PutBack;
}

/// <summary>The counters of a ledger: pending + inFlight + delivered + failed + rejected + expired + suppressed = targeted (G2).</summary>
/// <param name="Resends">Grants beyond a vehicle's first.</param>
/// <param name="CaughtUp">Delivered vehicles that were away when the campaign started.</param>
/// <param name="Installed">Delivered vehicles that have said <c>installed</c>.</param>
/// <param name="FailedLater">Delivered vehicles that have said <c>failed</c> afterwards; they stay delivered.</param>
/// <param name="NoAck">Failed vehicles that stayed silent through all attempts; a late ack still delivers them.</param>
/// <param name="Unanswered">Vehicles in flight that have not answered for long: they hold no place of <see cref="ClaimRules.MaxInFlight"/>.</param>
/// <param name="Rehearsed">Suppressed vehicles that would have been told, had it not been a dry run.</param>
/// <param name="Cancelling">Vehicles that are to forget it and have not said what they made of that.</param>
/// <param name="Cancelled">Vehicles that have forgotten it.</param>
/// <param name="PutBack">Pending vehicles that were told before: a retry has put them back.</param>
public sealed record LedgerCounts(
    long Targeted,
    long Pending,
    long InFlight,
    long Delivered,
    long Failed,
    long Rejected,
    long Expired,
    long Suppressed,
    long Resends,
    long CaughtUp,
    long Installed = 0,
    long FailedLater = 0,
    long NoAck = 0,
    long Unanswered = 0,
    long Rehearsed = 0,
    long Cancelling = 0,
    long Cancelled = 0,
    long PutBack = 0)
{
    public static readonly LedgerCounts Zero = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public static LedgerCounts operator +(LedgerCounts a, LedgerCounts b) => new(
        a.Targeted + b.Targeted, a.Pending + b.Pending, a.InFlight + b.InFlight, a.Delivered + b.Delivered, a.Failed + b.Failed,
        a.Rejected + b.Rejected, a.Expired + b.Expired, a.Suppressed + b.Suppressed, a.Resends + b.Resends, a.CaughtUp + b.CaughtUp,
        a.Installed + b.Installed, a.FailedLater + b.FailedLater, a.NoAck + b.NoAck, a.Unanswered + b.Unanswered,
        a.Rehearsed + b.Rehearsed, a.Cancelling + b.Cancelling, a.Cancelled + b.Cancelled,
        a.PutBack + b.PutBack);
}

public enum EndOpen
{
    /// <summary>Pending becomes expired; what is in flight stays.</summary>
    PendingExpired,

    /// <summary>Pending and in flight become expired.</summary>
    AllExpired,

    /// <summary>Pending becomes suppressed: the cap is used up.</summary>
    PendingSuppressed,
}

/// <param name="More">The call stopped at its bound: call again.</param>
/// <param name="NextBucket">Where to go on, for calls that take it.</param>
public sealed record EndReply(bool LedgerLost, int Changed, bool More, int NextBucket);

/// <param name="Attempt">Attempts granted so far.</param>
/// <param name="Session">Of the connection that the last attempt was granted to; 0 once the record is final.</param>
public sealed record DeliveryRecord(string Vid, DeliveryState State, int Attempt, long Session);

public enum DeliveryState
{
    Pending,
    Sent,

    /// <summary>Received, and the campaign waits for <c>installed</c>. Counts as in flight.</summary>
    Received,

    Delivered,
    Failed,
    Rejected,
    Expired,
    Suppressed,
}

/// <param name="Counters">As kept.</param>
/// <param name="Scanned">As counted record by record (<see cref="LedgerCounts.Resends"/> and <see cref="LedgerCounts.CaughtUp"/> too).</param>
/// <param name="Differences">In words, empty when equal and the sum law holds.</param>
public sealed record AuditReport(LedgerCounts Counters, LedgerCounts Scanned, IReadOnlyList<string> Differences)
{
    public bool Clean => Differences.Count == 0;
}

/// <param name="Faults">Not ready while any stands.</param>
/// <param name="Warnings">Said once.</param>
public sealed record ServerReport(IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings);
