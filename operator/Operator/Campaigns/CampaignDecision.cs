using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Steps;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Operator.Campaigns;

/// <summary>What one pass comes to: one thing to do, what to say, and when to look again.</summary>
/// <param name="Step">The one thing to do now.</param>
/// <param name="Standing">What the status says.</param>
/// <param name="Requeue">When to look again; zero = at once.</param>
/// <param name="Memory">For the next pass of this process.</param>
internal sealed record CampaignDecision(CampaignStep Step, CampaignStanding Standing, TimeSpan Requeue, CampaignMemory Memory)
{
    /// <summary>Move the ledger's supervision time-out on: the campaign has a limit and may not go on without an operator (G8).</summary>
    public bool Supervise { get; init; }

    /// <summary>Look for cars that waited too long for <c>installed</c>, a bounded number of buckets a pass.</summary>
    public bool SweepInstalls { get; init; }

    /// <summary>Nothing of this campaign can send any more: a resource that is being deleted may go.</summary>
    public bool Released { get; init; }
}

/// <summary>One step, small enough for half a second, harmless when repeated after a crash at any line.</summary>
internal abstract record CampaignStep
{
    private CampaignStep()
    {
    }

    public sealed record None : CampaignStep;

    /// <summary>Count the next parts of an explicit list.</summary>
    public sealed record CountList : CampaignStep;

    /// <param name="LedgerId">Of a ledger that a crash left half made; null = a new one.</param>
    public sealed record CreateLedger(string? LedgerId, string ContentHash, long ExpectedTargets, long? Cap, Pace Pace) : CampaignStep;

    /// <summary>Pace first, then order, then bus; what is null stays as it is.</summary>
    public sealed record Align(string LedgerId, Pace? Pace, Order? Order, long PlannedFrom) : CampaignStep;

    /// <summary>Put the next parts of an explicit list into the ledger; mark the shards that are full as frozen.</summary>
    public sealed record FreezeList(string LedgerId) : CampaignStep;

    /// <summary>Lower first, then raise with what has become free.</summary>
    public sealed record MoveQuota(long Cap, QuotaMove Move) : CampaignStep;

    /// <summary>End open records; shards that are still being filled are shut first.</summary>
    public sealed record EndOpenRecords(string LedgerId, EndOpen What) : CampaignStep;

    /// <summary>Put cars that have failed back among those to be told.</summary>
    /// <param name="Codes">Null: all that have failed.</param>
    public sealed record PutBack(string LedgerId, int Round, IReadOnlyList<string>? Codes) : CampaignStep;

    /// <summary>Let a revision go on that was over: the ledger stays after all, and then the tombstone is none.</summary>
    public sealed record Reopen(string LedgerId, Tombstone End, int Round) : CampaignStep;

    /// <summary>Close the gate for good, write the tombstone (null: nothing was ever sent) and take the order away, in that order.</summary>
    public sealed record Finish(string LedgerId, Pace? Closed, Tombstone? Tombstone) : CampaignStep;

    /// <summary>Mark the cars of an ended revision that are to forget it.</summary>
    public sealed record MarkCancelled(string LedgerId) : CampaignStep;

    /// <summary>Have them end in favour of this one: each only if nobody has changed it since it was read.</summary>
    public sealed record Supersede(IReadOnlyList<PushCampaign> Others) : CampaignStep;

    /// <summary>Let a finished ledger expire.</summary>
    public sealed record Retire(string LedgerId) : CampaignStep;

    /// <summary>Close what a campaign that no longer exists has left behind.</summary>
    public sealed record CloseOrphan : CampaignStep;

    /// <summary>Its time after the end is over.</summary>
    public sealed record DeleteResource : CampaignStep;
}

/// <summary>Where a campaign stands, before it is put into a user's words.</summary>
internal sealed record CampaignStanding
{
    public required CampaignPhase Phase { get; init; }

    /// <summary>Why it cannot go on.</summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>What the operator is still doing before the world is as the spec asks; null when it is.</summary>
    public string? Work { get; init; }

    /// <summary>How far that work has come, in words; null where nobody has to wait for it long.</summary>
    public string? Progress { get; init; }

    /// <summary>What holds it back although nothing is wrong.</summary>
    public Hold? Hold { get; init; }

    /// <summary>How far it has come in its steps; null where it has none, and where they stand as they stood.</summary>
    public StepProgress? Steps { get; init; }

    public bool Started { get; init; }

    public bool Pushed { get; init; }

    /// <summary>The end, once there is one.</summary>
    public Tombstone? End { get; init; }

    public PreviewStatus? Preview { get; init; }

    /// <summary>To be recorded before anything opens.</summary>
    public LedgerStatus? Ledger { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public WindowStatus? NextWindow { get; init; }

    public LimitsStatus? Limits { get; init; }

    public RetryStatus? Retry { get; init; }
}

/// <param name="Reason">Of <c>Ready=False</c>.</param>
/// <param name="NeedsPerson">It does not go away by itself: <c>Stalled=True</c>.</param>
internal sealed record Obstacle(string Reason, string Message, bool NeedsPerson);
