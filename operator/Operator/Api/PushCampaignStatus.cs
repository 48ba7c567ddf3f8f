using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api;

/// <summary>What the operator sees and does: a summary of at most 16 KiB, never a list of cars.</summary>
public sealed record PushCampaignStatus
{
    /// <summary>The generation of the spec that this status answers.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The revision that this status speaks of; lags behind the spec while a new revision begins.</summary>
    public int? Revision { get; init; }

    /// <summary>Nothing is sent in this revision; <see langword="null"/> means that it is a real one.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Where the campaign stands.</summary>
    public CampaignPhase? Phase { get; init; }

    /// <summary>What came of it; <see langword="null"/> until it has ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>One sentence for people, at most 1024 characters.</summary>
    public string? Message { get; init; }

    /// <summary>Whom it would reach, while it waits.</summary>
    public PreviewStatus? Preview { get; init; }

    /// <summary>Since when it waits for cars to come online and for nothing else; <see langword="null"/> = it does not.</summary>
    public DateTimeOffset? TooFewOnlineSince { get; init; }

    /// <summary>The ledger, added up.</summary>
    public CampaignCounts? Counts { get; init; }

    /// <summary>Delivered of targeted, in whole percent rounded down.</summary>
    public int? PercentDelivered { get; init; }

    /// <summary>Name of the pool that this campaign began with.</summary>
    public string? Pool { get; init; }

    /// <summary>The key of the ledger in force.</summary>
    public string? CampaignId { get; init; }

    /// <summary><see cref="Api.SpecHash"/>: what an approval has to name.</summary>
    public string? SpecHash { get; init; }

    /// <summary>What people said about <see cref="SpecHash"/>, in its order, at most 16; <see langword="null"/> = nobody has.</summary>
    public IReadOnlyList<CampaignApproval>? Approvals { get; init; }

    /// <summary>When this revision was found fit to be carried out: its age among campaigns that push the same patch.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>Name of the newer campaign of the same patch that takes its place, for good; <see langword="null"/> = none does.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>When sending may begin.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>When sending ends.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where there are <see cref="Schedule.Windows"/>: the one that is open, or else the next.</summary>
    public WindowStatus? NextWindow { get; init; }

    /// <summary>Cars that are online and wait for their <see cref="Schedule.QuietHours"/> to end; <see langword="null"/>: there are none such hours.</summary>
    public int? InQuietHours { get; init; }

    /// <summary>When the targets of this revision were frozen: from here on its patch and targets are.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When this revision came to its end.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The ledger that belongs to this revision.</summary>
    public LedgerStatus? Ledger { get; init; }

    /// <summary>How it stands to <see cref="Rollout.AbortWhen"/>; absent where there is nothing to say.</summary>
    public LimitsStatus? Limits { get; init; }

    /// <summary>What became of <see cref="PushCampaignSpec.Retry"/>; absent where nobody was tried again.</summary>
    public RetryStatus? Retry { get; init; }

    /// <summary>Number of the step that is open, from 1; one more than there are steps: all others.</summary>
    public int? CurrentStep { get; init; }

    /// <summary>The steps, and at the end one for all others; only where the revision began with steps.</summary>
    public IReadOnlyList<StepStatus>? Steps { get; init; }

    /// <summary>Why it was aborted, where it was.</summary>
    public string? AbortReason { get; init; }

    /// <summary>Ready, Pushed, Complete, Succeeded; and only while they are true Reconciling, Stalled, Suspended, Paused.</summary>
    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}

/// <summary>Where a campaign stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CampaignPhase>))]
public enum CampaignPhase
{
    /// <summary>Not looked at yet, or it cannot go on (see the conditions).</summary>
    Pending,

    /// <summary>The nodes count whom it would reach, or freeze the targets.</summary>
    Previewing,

    /// <summary>A person holds it.</summary>
    Suspended,

    /// <summary>Nobody has approved it as it stands, or it was denied.</summary>
    AwaitingApproval,

    /// <summary>Waits for its start.</summary>
    Scheduled,

    /// <summary>Targets that are online are being told.</summary>
    Pushing,

    /// <summary>The system holds it, or waits before it tells more; see the condition of the same name.</summary>
    Paused,

    /// <summary>All targets that are online have settled; the others are told when they come back.</summary>
    CatchingUp,

    /// <summary>No target is open.</summary>
    Completed,

    /// <summary>A person stopped it for good.</summary>
    Aborted,

    /// <summary>Time ran out with targets open.</summary>
    Expired,
}

/// <summary>What came of a campaign.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>Every target has it, but for those that the cap left out.</summary>
    Succeeded,

    /// <summary>Some have it, others failed or rejected it.</summary>
    PartiallySucceeded,

    /// <summary>All were told, and none of them has it.</summary>
    Failed,

    /// <summary>A person, or a rule that a person gave, stopped it.</summary>
    Aborted,

    /// <summary>Time ran out with targets open.</summary>
    Expired,

    /// <summary>A newer push took its place.</summary>
    Superseded,
}

/// <summary>Whom a waiting campaign would reach if it started now.</summary>
public sealed record PreviewStatus
{
    /// <summary>Cars that match.</summary>
    public long Matched { get; init; }

    /// <summary>Of these, connected.</summary>
    public long Online { get; init; }

    /// <summary>Of these, not connected.</summary>
    public long Offline { get; init; }

    /// <summary>When this was counted.</summary>
    public DateTimeOffset? ObservedAt { get; init; }
}

/// <summary>A time in which notices may leave.</summary>
public sealed record WindowStatus
{
    /// <summary>When it opens; <see langword="null"/> while it is open.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When it closes; <see langword="null"/> when it never does.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>The ledger added up: pending + inFlight + delivered + failed + rejected + expired + superseded + suppressed = targeted.</summary>
public sealed record CampaignCounts
{
    /// <summary>Cars that are targets of this revision.</summary>
    public long Targeted { get; init; }

    /// <summary>Not sent yet.</summary>
    public long Pending { get; init; }

    /// <summary>Sent, no final answer yet.</summary>
    public long InFlight { get; init; }

    /// <summary>Acknowledged at the level that was asked for.</summary>
    public long Delivered { get; init; }

    /// <summary>The car said so, or stayed silent through all attempts.</summary>
    public long Failed { get; init; }

    /// <summary>The car does not want it.</summary>
    public long Rejected { get; init; }

    /// <summary>Open when the campaign ended.</summary>
    public long Expired { get; init; }

    /// <summary>Open when a newer campaign of the same patch took its place.</summary>
    public long Superseded { get; init; }

    /// <summary>Not told because the cap was reached, or because it is a dry run.</summary>
    public long Suppressed { get; init; }

    /// <summary>Suppressed, and would have been told; only in a dry run.</summary>
    public long? Rehearsed { get; init; }

    /// <summary>Sends beyond the first to a car; not part of the sum.</summary>
    public long Resends { get; init; }

    /// <summary>Delivered to cars that were away when the push began; not part of the sum.</summary>
    public long CaughtUp { get; init; }

    /// <summary>Told, and to forget it because the campaign is cancelled: these have not answered; not part of the sum.</summary>
    public long? Cancelling { get; init; }

    /// <summary>Told, and have forgotten it; not part of the sum.</summary>
    public long? Cancelled { get; init; }
}

/// <summary>What one person said about a campaign as it stands.</summary>
public sealed record CampaignApproval
{
    /// <summary>Name of the <see cref="PushCampaignApproval"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What was said.</summary>
    public required ApprovalVerb Verb { get; init; }

    /// <summary>Who said it.</summary>
    public required string By { get; init; }

    /// <summary>When it was said.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, at most 200 characters of it.</summary>
    public string? Comment { get; init; }
}

/// <summary>Ties a status to its ledger.</summary>
public sealed record LedgerStatus
{
    /// <summary>Random id, new for each ledger: a ledger with another one is not this campaign's.</summary>
    public required string Id { get; init; }

    /// <summary><see cref="Api.ContentHash"/> of what is frozen.</summary>
    public required string ContentHash { get; init; }
}
