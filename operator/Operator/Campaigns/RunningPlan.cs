using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Limits;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Campaigns.Pacing;
using PushPlatform.Operator.Campaigns.Retries;
using PushPlatform.Operator.Campaigns.Steps;
using PushPlatform.Operator.Campaigns.Windows;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Operator.Campaigns;

/// <summary>From the freeze to the last answer: the gate as a person wants it, the cap where it is needed, and when it is over.</summary>
internal static class RunningPlan
{
    /// <summary>All nodes must say for this long that nothing is open, and the counters must not move meanwhile.</summary>
    internal static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(1);

    /// <summary>With no counter moving for this long, nobody is being told: a starved node asks each second.</summary>
    internal static readonly TimeSpan StillFor = TimeSpan.FromSeconds(60);

    /// <summary>Clocks and leases: nothing that was allowed before the end is still on its way after this.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public static CampaignDecision Decide(CampaignObservation seen)
    {
        if (seen.Clock >= ExpiresAt(seen))
        {
            return EndingPlan.Expire(seen);
        }
        CampaignMemory memory = Remember(seen);
        bool quiet = IsQuietLongEnough(seen, memory);
        StepProgress? steps = StepPlan.Next(seen, nobodyLeft: quiet || IsStillLongEnough(seen, memory));
        bool pushed = HasPushed(seen) || (quiet && (steps is null or { IsOver: true } || seen.Ledger!.Counts.Pending == 0));
        Order order = Order(seen, pushed);
        RetryStatus? retry = RetryPlan.Stand(seen, quiet);
        CampaignStep step = Step(seen, memory, order, pushed);
        CampaignStanding standing = Standing(seen, Phase(seen, pushed && !RetryPlan.IsUnderWay(retry), steps?.Wait)) with
        {
            Pushed = pushed,
            Hold = HoldPlan.WhileRunning(seen) ?? steps?.Wait,
            Steps = steps,
            Retry = retry,
            Work = seen.Ledger!.Frozen ? null : Reasons.Freezing,
            Progress = seen.Ledger.Frozen ? null : ListWords.Freezing(seen),
            Obstacle = seen.Ledger.Frozen ? null : WaitingPlan.Obstacle(seen),
        };
        bool open = seen.Ledger.Pace is { Open: true };
        bool opens = steps is not null && steps.Current != seen.Status.CurrentStep;
        TimeSpan requeue = step is CampaignStep.None or CampaignStep.MoveQuota && !opens && !RetryPlan.IsUnsaid(seen) ? CampaignPlan.Live : CampaignPlan.AtOnce;
        return new CampaignDecision(step, standing, requeue, step is CampaignStep.MoveQuota ? Moved(seen, memory) : memory)
        {
            Supervise = Supervision.IsNeeded(seen.Spec) && (open || step is CampaignStep.Align { Pace.Open: true }),
            SweepInstalls = seen.Ledger.Frozen && (seen.Spec.Delivery.AckLevel == RequiredAck.Installed || seen.Spec.Pace.MaxInFlight is not null),
        };
    }

    private static CampaignStep Step(CampaignObservation seen, CampaignMemory memory, Order order, bool pushed)
    {
        LedgerReading ledger = seen.Ledger!;
        Pace pace = PaceOf(seen);
        bool orderDiffers = seen.Order is null || !OrderDraft.Same(seen.Order, order);
        CampaignStep? retry = RetryPlan.Next(seen);
        if (retry is not null && ledger.Pace is not { Open: true })
        {
            return retry; // Before the gate opens: what fails from then on was not meant.
        }
        if (ledger.Pace != pace || orderDiffers)
        {
            return new CampaignStep.Align(ledger.LedgerId, ledger.Pace == pace ? null : pace, orderDiffers ? order : null, seen.PlannedFrom);
        }
        if (!ledger.Frozen)
        {
            return order.Listed && seen.Lists is { Units: not null } && WaitingPlan.Obstacle(seen) is null ? new CampaignStep.FreezeList(ledger.LedgerId) : new CampaignStep.None();
        }
        if (retry is not null)
        {
            return retry;
        }
        LedgerCounts counts = ledger.Counts;
        if (counts.Pending > counts.PutBack && IsAtCap(seen))
        {
            return new CampaignStep.EndOpenRecords(ledger.LedgerId, EndOpen.PendingSuppressed);
        }
        if (counts.Pending + counts.InFlight == 0 && seen.Spec.Targets.NewVehicles != NewVehicles.UntilExpiry && NobodyComesIn(seen, order, pushed))
        {
            return EndingPlan.Finish(seen, CampaignOutcome.Completed, "");
        }
        IReadOnlyList<long>? claimedBefore = seen.Now - seen.Memory.ClaimedAt >= QuotaPlan.IdleFor ? seen.Memory.Claimed : null;
        return StepQuota.Now(seen) is { } cap && QuotaPlan.Next([.. ledger.Shards.Select(shard => shard!)], cap, claimedBefore) is { } move
            ? new CampaignStep.MoveQuota(cap, move)
            : new CampaignStep.None();
    }

    private static Order Order(CampaignObservation seen, bool pushed)
    {
        NewVehicles newcomers = seen.Spec.Targets.NewVehicles;
        Order draft = OrderDraft.Of(seen, Gate(seen));
        return draft with
        {
            LedgerId = seen.Ledger!.LedgerId,
            StartedAt = seen.Ledger.StartedAt,
            TakesNewVehicles = !draft.Listed && !IsAtCap(seen)
                && (newcomers == NewVehicles.UntilExpiry || (newcomers == NewVehicles.WhilePushing && !pushed)),
        };
    }

    private static Gate Gate(CampaignObservation seen) => (seen.Ledger!.Frozen, MaySend(seen)) switch
    {
        (false, _) => Delivery.Orders.Gate.Freeze,
        (true, true) => Delivery.Orders.Gate.Open,
        (true, false) => Delivery.Orders.Gate.Paused,
    };

    private static bool MaySend(CampaignObservation seen) => HoldPlan.WhileRunning(seen) is null && !RetryPlan.IsUnsaid(seen);

    private static Pace PaceOf(CampaignObservation seen) => new(
        Open: seen.Ledger!.Frozen && MaySend(seen),
        RampPlan.RateAt(seen.Spec.Pace, seen.Ledger.Counts.Delivered + seen.Ledger.Counts.Rehearsed),
        WindowPlan.LeasesEnd(seen, ExpiresAt(seen)),
        Supervision.IsNeeded(seen.Spec),
        seen.Spec.DryRun,
        CatchUpPercent: seen.Spec.Pace.CatchUpPercent);

    /// <summary>When the campaign ends. In whole seconds, as Kubernetes keeps times: a finer one would differ from itself after each read.</summary>
    internal static DateTimeOffset ExpiresAt(CampaignObservation seen) =>
        WholeSeconds(seen.Spec.Schedule?.ExpireAt ?? Microseconds.ToTime(seen.Ledger!.StartedAt) + CampaignPlan.DefaultDuration);

    /// <summary>The same, as far as it is known before there is a ledger.</summary>
    internal static DateTimeOffset? End(CampaignObservation seen) => seen.OwnsLedger ? ExpiresAt(seen) : seen.Spec.Schedule?.ExpireAt;

    internal static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private static bool IsAtCap(CampaignObservation seen) =>
        seen.Spec.Targets.MaxRecipients is { } cap && seen.Ledger!.Shards.Sum(shard => shard?.Claimed ?? 0) >= cap;

    /// <summary>Once reached it stays, whoever comes back later: they are caught up.</summary>
    private static bool HasPushed(CampaignObservation seen) => CampaignStatus.IsPushed(seen.Status);

    private static bool IsQuietLongEnough(CampaignObservation seen, CampaignMemory memory) =>
        memory.QuietSince is { } since && seen.Now - since >= QuietFor;

    /// <summary>Some cars that are online cannot be told just now (they are outside the area, or their node is in trouble): nobody waits for those for ever.</summary>
    /// <remarks>With <c>maxInFlight</c> they may be waiting for others to install, which takes as long as it takes.</remarks>
    private static bool IsStillLongEnough(CampaignObservation seen, CampaignMemory memory) =>
        seen.Spec.Pace.MaxInFlight is null && memory.StillSince is { } since && seen.Now - since >= StillFor;

    private static CampaignMemory Remember(CampaignObservation seen)
    {
        LedgerCounts counts = seen.Ledger!.Counts;
        bool open = seen.Ledger is { Frozen: true, Pace.Open: true };
        bool lookedLongAgo = !(seen.Now - seen.Memory.ClaimedAt < QuotaPlan.IdleFor);
        bool quiet = IsQuiet(seen);
        bool goesOn = quiet && seen.Memory.QuietSince is not null && seen.Memory.QuietCounts == counts;
        return seen.Memory with
        {
            QuietSince = goesOn ? seen.Memory.QuietSince : quiet ? seen.Now : null,
            QuietCounts = quiet ? counts : null,
            ClosedSince = null,
            ListCount = null,
            Counting = null,
            StillSince = !open ? null : seen.Memory.StillCounts == counts ? seen.Memory.StillSince ?? seen.Now : seen.Now,
            StillCounts = open ? counts : null,
            Claimed = lookedLongAgo ? Claims(seen) : seen.Memory.Claimed,
            ClaimedAt = lookedLongAgo ? seen.Now : seen.Memory.ClaimedAt,
        };
    }

    // What was just given is not idle yet.
    private static CampaignMemory Moved(CampaignObservation seen, CampaignMemory memory) => memory with { Claimed = Claims(seen), ClaimedAt = seen.Now };

    private static IReadOnlyList<long> Claims(CampaignObservation seen) => [.. seen.Ledger!.Shards.Select(shard => shard?.Claimed ?? 0)];

    private static bool IsQuiet(CampaignObservation seen)
    {
        if (seen.Ledger is not { Frozen: true, Pace.Open: true } || seen.Order is not { Gate: Delivery.Orders.Gate.Open } order || seen.Nodes.Count == 0)
        {
            return false;
        }
        return seen.Nodes.All(node => node.Orders.Any(progress =>
            progress.CampaignId == order.CampaignId && progress.Revision == order.Revision && progress.Seq == order.Seq && progress.Open == 0));
    }

    // Between the order that ends newcomers and its arrival a node may still take one along.
    private static bool NobodyComesIn(CampaignObservation seen, Order order, bool pushed) =>
        !order.TakesNewVehicles
        && (order.Listed || pushed || seen.Spec.Targets.NewVehicles == NewVehicles.Ignore || IsAtCap(seen))
        && seen.Nodes.All(node => node.OrderSeq >= seen.PlannedFrom);

    private static CampaignPhase Phase(CampaignObservation seen, bool pushed, Hold? wait)
    {
        if ((HoldPlan.WhileRunning(seen) ?? wait) is { } hold)
        {
            return hold.Phase;
        }
        if (!seen.Ledger!.Frozen)
        {
            return CampaignPhase.Previewing;
        }
        return pushed ? CampaignPhase.CatchingUp : CampaignPhase.Pushing;
    }

    /// <summary>What holds in whatever phase, as far as a ledger stands.</summary>
    internal static CampaignStanding Standing(CampaignObservation seen, CampaignPhase phase) => new()
    {
        Phase = phase,
        Started = seen.OwnsLedger && seen.Ledger!.Frozen,
        Pushed = seen.RecordedLedger is not null && HasPushed(seen),
        StartsAt = seen.Spec.Schedule?.StartAt ?? (seen.OwnsLedger ? WholeSeconds(Microseconds.ToTime(seen.Ledger!.StartedAt)) : null),
        ExpiresAt = End(seen),
        NextWindow = WindowPlan.Next(seen),
        Limits = LimitPlan.Stand(seen),
    };
}
