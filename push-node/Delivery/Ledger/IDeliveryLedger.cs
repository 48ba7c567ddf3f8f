namespace PushPlatform.Delivery.Ledger;

/// <summary>The truth about who was told what: the node's side.</summary>
/// <remarks>
/// A vehicle is a unit here, and its vid the unit's name (<see cref="UnitId"/>). Each call touches one shard in one atomic script, takes at most 256 vehicles, is judged by Redis time, and may be repeated with the same
/// result. Every call names the ledger id: where the header is missing or has another one, nothing changes and the answer is
/// <c>LedgerLost</c> (G9). Counters move only on a change of state, in the script that makes it (G2). All throw
/// <see cref="StoreUnavailableException"/>.
/// </remarks>
public interface IDeliveryLedger
{
    /// <summary>
    /// Asks for the right to start sends. Granted only while the gate is open, before <c>notAfter</c> and,
    /// where supervision is on, before <c>supervisedUntil</c> (G5). The caller may use it until 500 ms after it <em>asked</em>, on its own
    /// monotonic clock; in any window of w seconds at most rate × (w + 1) sends can follow, over all nodes (G4). Unused sends are not returned.
    /// </summary>
    /// <param name="campaign">The ledger's key.</param>
    /// <param name="ledgerId">Of the ledger that the order names.</param>
    /// <param name="wanted">What could be sent now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Lease> LeaseAsync(CampaignKey campaign, string ledgerId, LeaseRequest wanted, CancellationToken cancellationToken);

    /// <summary>The same for telling vehicles to forget what they were told: granted only while the pace cancels, from the same rate.</summary>
    Task<Lease> LeaseCancelsAsync(CampaignKey campaign, string ledgerId, int wanted, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for the right to send to each vehicle. Grants what is open: pending; sent with an older session; or sent by this session with its
    /// deadline past. The same session asking again before its deadline gets the same attempt again only if <see cref="ClaimRequest.LastAttempt"/>
    /// says that it does not know of it (its answer was lost). Uses up the shard's quota on a vehicle's first grant (G4).
    /// An attempt counts against MaxAttempts only when its deadline passed while its session stayed connected; cut-off attempts back off.
    /// Answers in the order asked.
    /// </summary>
    Task<ClaimReply> ClaimAsync(
        CampaignKey campaign, string ledgerId, int shard, ClaimRules rules, IReadOnlyList<ClaimRequest> batch, CancellationToken cancellationToken);

    /// <summary>What stands for each vehicle now, without changing anything. Answers in the order asked.</summary>
    Task<LookReply> LookAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken);

    /// <summary>
    /// Records acks. An ack settles any record of its vid that is not final, whatever connection or attempt it answers, and never creates one.
    /// After <c>failed(NoAck)</c> or <c>expired</c> an ack moves the record to delivered: with <see cref="ILedgerControl.RetryAsync"/>, the only ways out of a final state.
    /// A vehicle that was put back after its own word counts with what it says after it was told again. Silence is no ack:
    /// that the attempts are used up is judged by <see cref="ClaimAsync"/> alone, which knows when each deadline was.
    /// </summary>
    Task<LedgerReply> SettleAsync(
        CampaignKey campaign, string ledgerId, int shard, SettleRules rules, IReadOnlyList<Settlement> batch, CancellationToken cancellationToken);

    /// <summary>Puts vehicles in as pending targets. Those already in stay as they are. Refused once the shard is frozen.</summary>
    Task<LedgerReply> TargetAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<Target> batch, CancellationToken cancellationToken);

    /// <summary>Marks a shard's target set as complete.</summary>
    Task<LedgerReply> MarkFrozenAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken);

    /// <summary>Whether each of the shards is frozen; empty when the ledger is lost.</summary>
    Task<IReadOnlyList<bool>> FrozenAsync(CampaignKey campaign, string ledgerId, CancellationToken cancellationToken);
}

public enum LedgerReply
{
    Ok,

    /// <summary>The shard is frozen already (target).</summary>
    Frozen,

    LedgerLost,
}

/// <param name="Sends">How many at most.</param>
/// <param name="CatchUp">Of these, to vehicles that were away at the start (<see cref="VehicleStanding.CatchUp"/>), where the campaign lets them have a share of the rate only; else 0.</param>
/// <param name="DryRun">What the order says: it has to be what the pace says, or the gate counts as closed.</param>
public readonly record struct LeaseRequest(int Sends, int CatchUp = 0, bool DryRun = false);

/// <param name="Sends">Sends that may start; 0 unless granted.</param>
/// <param name="RetryAfter">
/// When to ask again if not enough was granted. At low rates a token that nobody fetches in time is lost: 2 a second is reached only by asking then.
/// </param>
public sealed record Lease(LeaseOutcome Outcome, int Sends, TimeSpan RetryAfter)
{
    /// <summary>Of <see cref="Sends"/>, so many may go to vehicles that were asked for as <see cref="LeaseRequest.CatchUp"/>.</summary>
    public int CatchUp { get; init; }

    /// <summary>A lease ends this long after it was asked for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(500);
}

public enum LeaseOutcome
{
    Granted,

    /// <summary>The gate is open, but the rate has nothing left at this moment.</summary>
    RateExhausted,

    /// <summary>Gate not open, past <c>notAfter</c>, or unsupervised.</summary>
    GateClosed,

    LedgerLost,
}

/// <param name="AckTimeoutSeconds">Deadline of an attempt, from its grant.</param>
/// <param name="MaxAttempts">Timed-out attempts after which the record becomes <c>failed(NoAck)</c>.</param>
/// <param name="MaxInFlight">Most vehicles in flight over all shards, at least one a shard; null for any number. Each shard has its part of it, so it holds exactly.</param>
/// <param name="DryRun">Nothing may be sent: a pending vehicle is noted as one that would have been told, and its record is final.</param>
/// <param name="Retry">The round of retries that the notice names; a vehicle that a later one has put back has to wait for a later notice.</param>
public sealed record ClaimRules(int AckTimeoutSeconds, int MaxAttempts, int? MaxInFlight = null, bool DryRun = false, int Retry = 0);

/// <param name="Session">The claiming connection's session; an older one than on record is refused.</param>
/// <param name="LastAttempt">The last attempt that this connection knows to have been granted to it, 0 for none.</param>
/// <param name="TakeAlong">Put it in as a new target if it is not in the ledger: a matching newcomer.</param>
/// <param name="Uncounted">The deadline of <paramref name="LastAttempt"/> passed while the gate was not open: it does not count against MaxAttempts.</param>
public readonly record struct ClaimRequest(string Vid, long Session, int LastAttempt, bool TakeAlong, bool Uncounted = false);

/// <param name="Results">Empty when the ledger is lost.</param>
public sealed record ClaimReply(bool LedgerLost, IReadOnlyList<ClaimResult> Results);

/// <param name="Attempt">The granted attempt, from 1.</param>
/// <param name="RetryAfter">With <see cref="ClaimOutcome.NotYet"/>: when it can be granted at the earliest.</param>
public readonly record struct ClaimResult(ClaimOutcome Outcome, int Attempt, TimeSpan RetryAfter);

public enum ClaimOutcome
{
    Granted,

    /// <summary>In a dry run: it would have been granted, and counts as such. Nothing may be sent.</summary>
    Rehearsed,

    /// <summary>In a final state; nothing to send.</summary>
    Settled,

    /// <summary>Not a target of this campaign.</summary>
    NotTarget,

    /// <summary>Received, waiting for <c>installed</c>, or sent and not yet overdue, or backing off.</summary>
    NotYet,

    /// <summary>A newer session of the vehicle holds the record: this connection is an old one.</summary>
    NewerSession,

    /// <summary>The shard's share of the cap is used up, and the operator may move more here; or as many are in flight as may be.</summary>
    QuotaExhausted,

    /// <summary>Its attempts are used up: the record is now <c>failed(NoAck)</c>.</summary>
    Exhausted,
}

public sealed record LookReply(bool LedgerLost, IReadOnlyList<VehicleStanding> Standings);

public enum VehicleStanding
{
    NotTarget,

    /// <summary>Pending, or sent and unanswered.</summary>
    Open,

    /// <summary>Likewise, and it was away when the targets were frozen.</summary>
    CatchUp,

    /// <summary>Received, and the campaign waits for <c>installed</c>: nothing to send, an ack still matters.</summary>
    Received,

    Final,

    /// <summary>Told, cancelled, and has not said what it made of that.</summary>
    ToForget,
}

/// <param name="InstallTimeoutSeconds">With <see cref="Orders.AckLevel.Installed"/>: from received to installed.</param>
public sealed record SettleRules(Orders.AckLevel AckLevel, int InstallTimeoutSeconds);

/// <param name="Code">The vehicle's own failure code, at most 64 characters; kept in the capped stream of failures.</param>
/// <param name="Seen">No ack: a hello names the delivery as one that the vehicle has. Says nothing new of one that has failed and is tried again.</param>
public readonly record struct Settlement(string Vid, AckStatus Status, string? Code, bool Seen = false);

public enum AckStatus
{
    Received,
    Installed,
    Rejected,
    Failed,

    /// <summary>It has forgotten what was cancelled. Counts only where that was asked of it, and changes no state.</summary>
    Cancelled,
}

/// <param name="Away">It was not connected when the campaign started: told later, it counts as caught up.</param>
public readonly record struct Target(string Vid, bool Away);
