using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Lists;

namespace PushPlatform.Operator.Campaigns;

/// <summary>All that a decision about one campaign rests on, read once per pass.</summary>
internal sealed record CampaignObservation
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Spec and status as the API server has them now, not as a cache remembers them.</summary>
    public required PushCampaign Campaign { get; init; }

    /// <summary>What is wrong with the spec, in a user's words; empty when nothing is.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public required bool PoolExists { get; init; }

    /// <summary>What the pool keeps apart; null while it does not exist.</summary>
    public SessionMode? Sessions { get; init; }

    /// <summary>The revision at hand: the one of the spec, or an older one that is not closed yet.</summary>
    public required int Revision { get; init; }

    /// <summary>The lists of vids; null where the spec has none, or where they are no longer needed.</summary>
    public TargetLists? Lists { get; init; }

    /// <summary><see cref="Api.ContentHash"/> of the spec with its lists; empty while a list cannot be read.</summary>
    public string ContentHash { get; init; } = "";

    /// <summary><see cref="Api.SpecHash"/> of the spec with its lists; empty while a list cannot be read.</summary>
    public string SpecHash { get; init; } = "";

    /// <summary>What people said about this very <see cref="SpecHash"/>, oldest first: accepted approvals, and what the status remembers of those that are gone.</summary>
    public IReadOnlyList<CampaignApproval> Approvals { get; init; } = [];

    /// <summary>The order under this campaign's id, whoever owns it.</summary>
    public Order? Order { get; init; }

    /// <summary>The number of an entry under this campaign's id that is no order, and is written anew; else 0.</summary>
    public long UnreadableSeq { get; init; }

    /// <summary>The ledger of <see cref="Revision"/>, whoever owns it.</summary>
    public LedgerReading? Ledger { get; init; }

    /// <summary>How <see cref="Revision"/> ended, if it did.</summary>
    public Tombstone? Tombstone { get; init; }

    /// <summary>The end of the highest revision that has ended.</summary>
    public Tombstone? LatestTombstone { get; init; }

    /// <summary>A living PushCampaign other than this one owns the order or the ledger.</summary>
    public bool OtherOwnerLives { get; init; }

    public IReadOnlyList<NodeBeat> Nodes { get; init; } = [];

    /// <summary>What the nodes counted for the preview; only read while there is one.</summary>
    public IReadOnlyList<PreviewShard> Preview { get; init; } = [];

    /// <summary>What is wrong with the bus, null while it is well. Delays, and never blocks.</summary>
    public string? BusFault { get; init; }

    /// <summary>Others that push the same patch; read only before the start.</summary>
    public Rivals Rivals { get; init; } = Rivals.None;

    public CampaignMemory Memory { get; init; } = CampaignMemory.Empty;

    public static PoolName PoolOf(PushCampaign campaign) => new(campaign.Namespace()!, campaign.Status.Pool ?? campaign.Spec.PoolRef.Name);

    public static string IdOf(PushCampaign campaign) => campaign.Status.CampaignId ?? campaign.EffectiveCampaignId();

    public PushCampaignSpec Spec => Campaign.Spec;

    public PushCampaignStatus Status => Campaign.Status;

    public string Uid => Campaign.Uid();

    /// <summary>As it began: an older API server lets a person change what must not change, and what is open then lies under the old key.</summary>
    public PoolName Pool => PoolOf(Campaign);

    public CampaignKey Key => new(Pool, IdOf(Campaign), Revision);

    /// <summary>The status speaks of the revision at hand.</summary>
    public bool StatusIsCurrent => Status.Revision == Revision;

    /// <summary>The ledger id that the status holds for the revision at hand: what nodes may have been told (G9).</summary>
    public LedgerStatus? RecordedLedger => StatusIsCurrent ? Status.Ledger : null;

    public bool OwnsOrder => Order is not null && Order.OwnerUid == Uid;

    public bool OwnsLedger => Ledger is not null && Ledger.OwnerUid == Uid;

    /// <summary>
    /// The end at hand is its own, or was found to be of the same content and is in the status. A list that is edited or deleted afterwards changes nothing: what is
    /// finished must not come to stand in others' way.
    /// </summary>
    public bool KnowsItsEnd => Tombstone is { } end && (end.OwnerUid == Uid || (StatusIsCurrent && CampaignPlan.IsEnd(Status.Phase)));

    /// <summary>Nothing is sent in the revision at hand: as it ended or began, and before that as the spec has it.</summary>
    public bool IsDryRun => Tombstone?.DryRun ?? (OwnsLedger ? Ledger!.Pace?.DryRun : null) ?? Spec.DryRun;

    /// <summary>A trace of somebody else's campaign under the same id.</summary>
    public bool SeesOtherOwner => (Order is not null && !OwnsOrder) || (Ledger is not null && !OwnsLedger);

    /// <summary>Redis's time where it is known: deadlines are judged by it.</summary>
    public DateTimeOffset Clock => Ledger is null ? Now : Microseconds.ToTime(Ledger.RedisNow);

    /// <summary>The sequence number that a change of the order must have been planned from.</summary>
    public long PlannedFrom => Order?.Seq ?? UnreadableSeq;
}

/// <summary>
/// What one process remembers of a campaign between two passes. Losing it (a restart, a new leader) costs a second look, never correctness.
/// </summary>
internal sealed record CampaignMemory
{
    public static readonly CampaignMemory Empty = new();

    /// <summary>Since when every node says that nothing is open, with the counters as in <see cref="QuietCounts"/>.</summary>
    public DateTimeOffset? QuietSince { get; init; }

    public LedgerCounts? QuietCounts { get; init; }

    /// <summary>Since when the gate has been seen closed on the way to the end.</summary>
    public DateTimeOffset? ClosedSince { get; init; }

    /// <summary>What each shard had claimed at <see cref="ClaimedAt"/>: quota that nobody used since lies idle.</summary>
    public IReadOnlyList<long>? Claimed { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>Since when, with the gate open, the counters have been as in <see cref="StillCounts"/>.</summary>
    public DateTimeOffset? StillSince { get; init; }

    public LedgerCounts? StillCounts { get; init; }

    /// <summary>The operator's own count of an explicit list: the last that was finished.</summary>
    public ListCount? ListCount { get; init; }

    /// <summary>One that is under way.</summary>
    public ListCount? Counting { get; init; }

    /// <summary>How far this process has put an explicit list into the ledger.</summary>
    public ListFreeze? ListFreeze { get; init; }

    /// <summary>What the next pass decides rests on others: it asks the API server about them, not the cache.</summary>
    public bool AsksRivals { get; init; }

    /// <summary>Where the sweep for install time-outs goes on.</summary>
    public SweepPosition Sweep { get; init; }
}

/// <param name="Shard">0 to 15.</param>
/// <param name="Bucket">Of that shard.</param>
internal readonly record struct SweepPosition(int Shard, int Bucket);

/// <summary>A count of an explicit list, made part by part.</summary>
/// <param name="ContentHash">Of the content that was counted.</param>
/// <param name="NextPart"><see cref="VidSpool.Parts"/> when complete.</param>
/// <param name="At">When it was begun.</param>
internal sealed record ListCount(string ContentHash, int NextPart, long Matched, long Online, DateTimeOffset At)
{
    public bool Complete => NextPart >= VidSpool.Parts;
}

/// <summary>Where the freeze of an explicit list goes on. Shards that are frozen say so themselves, to a new process too.</summary>
internal sealed record ListFreeze(string LedgerId, int NextPart);

/// <summary>Redis's microseconds since the Unix epoch.</summary>
internal static class Microseconds
{
    public static DateTimeOffset ToTime(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    public static long From(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
