using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Gates;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Campaigns.Pacing;
using PushPlatform.Operator.Campaigns.Steps;
using PushPlatform.Operator.Campaigns.Windows;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Before the start: count whom it would reach, wait for what it waits for, then make the ledger.</summary>
internal static class WaitingPlan
{
    /// <summary>An explicit list is counted anew after this time; nodes do the same for walked previews.</summary>
    internal static readonly TimeSpan CountAgain = TimeSpan.FromMinutes(1);

    public static CampaignDecision Decide(CampaignObservation seen)
    {
        if (seen.Spec.Schedule?.ExpireAt is { } expireAt && seen.Now >= expireAt && seen.Ledger is null)
        {
            return EndingPlan.ExpireUnstarted(seen);
        }
        if (Obstacle(seen) is { } obstacle)
        {
            CampaignDecision waiting = Decision(seen, new CampaignStep.None(), CampaignPhase.Pending, CampaignPlan.Patient);
            return waiting with { Standing = waiting.Standing with { Obstacle = obstacle, Work = obstacle.NeedsPerson ? null : Reasons.Waiting } };
        }
        if (!seen.OwnsLedger && ConflictPlan.Ends(seen) is var (other, reason))
        {
            return seen.Rivals.Fresh ? EndingPlan.GiveUpFor(seen, other.Name, reason) : AskRivals(seen);
        }
        if (seen.Lists is { Progress: { } progress })
        {
            return ReadingLists(seen, progress);
        }
        if (seen.OwnsLedger)
        {
            return Adopt(seen);
        }
        Order draft = OrderDraft.Of(seen, Gate.Preview);
        if (seen.Order is null || !OrderDraft.Same(seen.Order, draft))
        {
            return Previewing(seen, new CampaignStep.Align("", null, draft, seen.PlannedFrom), CampaignPlan.AtOnce);
        }
        bool counts = draft.Listed && !ListIsCounted(seen);
        if (Preview(seen) is not { } preview)
        {
            CampaignDecision first = counts ? Previewing(seen, new CampaignStep.CountList(), CampaignPlan.AtOnce) : Previewing(seen, new CampaignStep.None(), CampaignPlan.Live);
            return first with { Standing = first.Standing with { Progress = ListWords.Counting(seen) } };
        }
        CampaignDecision ready = Ready(seen, preview);
        // Counted anew while it waits: what it waits for, and the last count, still stand.
        return counts && ready.Step is CampaignStep.None ? ready with { Step = new CampaignStep.CountList(), Requeue = CampaignPlan.AtOnce } : ready;
    }

    private static CampaignDecision Ready(CampaignObservation seen, PreviewStatus preview)
    {
        if (HoldPlan.BeforeStart(seen) is { } hold)
        {
            if (OnlineGate.GivesUp(seen, hold))
            {
                return EndingPlan.GiveUp(seen, Reasons.TooFewOnline);
            }
            TimeSpan requeue = hold.Until is { } until && until - seen.Now < CampaignPlan.Live ? until - seen.Now : CampaignPlan.Live;
            CampaignDecision held = Decision(seen, new CampaignStep.None(), hold.Phase, requeue);
            return held with { Standing = held.Standing with { Hold = hold } };
        }
        if (seen.Now - preview.ObservedAt > TimeSpan.FromSeconds(seen.Spec.Rollout.PreviewMaxAgeSeconds))
        {
            return Previewing(seen, new CampaignStep.None(), CampaignPlan.Live);
        }
        if (!seen.Rivals.Fresh || Acceptance.Recorded(seen) is null)
        {
            return AskRivals(seen);
        }
        (CampaignStep? supersede, Hold? conflict) = (ConflictPlan.Supersede(seen), ConflictPlan.Superseding(seen));
        if (supersede is not null || conflict is not null)
        {
            CampaignDecision taking = Decision(seen, supersede ?? new CampaignStep.None(), conflict?.Phase ?? CampaignPhase.Previewing, supersede is null ? CampaignPlan.Live : CampaignPlan.AtOnce);
            return taking with { Standing = taking.Standing with { Hold = conflict }, Memory = taking.Memory with { AsksRivals = true } };
        }
        CampaignDecision starting = Previewing(seen, Create(seen, null, preview.Matched), CampaignPlan.AtOnce);
        return starting with { Standing = starting.Standing with { Work = Reasons.Freezing } };
    }

    /// <summary>A ledger stands that the status does not know yet: complete it, then have its id recorded; only then anything goes on (G9).</summary>
    private static CampaignDecision Adopt(CampaignObservation seen)
    {
        if (!seen.Ledger!.Whole)
        {
            return Previewing(seen, Create(seen, seen.Ledger.LedgerId, seen.Status.Preview?.Matched ?? 0), CampaignPlan.Live);
        }
        CampaignDecision adopting = Previewing(seen, new CampaignStep.None(), CampaignPlan.AtOnce);
        return adopting with
        {
            Standing = adopting.Standing with
            {
                Work = Reasons.Freezing,
                Ledger = new LedgerStatus { Id = seen.Ledger.LedgerId, ContentHash = seen.Ledger.ContentHash },
                Steps = StepPlan.Next(seen, nobodyLeft: false),
            },
        };
    }

    private static CampaignStep.CreateLedger Create(CampaignObservation seen, string? ledgerId, long matched)
    {
        // The first guess of the end; once the ledger stands, its own start decides.
        DateTimeOffset end = seen.Spec.Schedule?.ExpireAt ?? seen.Now + CampaignPlan.DefaultDuration;
        return new CampaignStep.CreateLedger(
            ledgerId,
            seen.ContentHash,
            matched,
            StepQuota.AtFirst(seen.Spec),
            new Pace(Open: false, RampPlan.RateAt(seen.Spec.Pace, delivered: 0), RunningPlan.WholeSeconds(end), Supervision.IsNeeded(seen.Spec), seen.Spec.DryRun));
    }

    /// <summary>Why nobody can be counted or put in: neither before the start nor while the set of targets is not complete.</summary>
    internal static Obstacle? Obstacle(CampaignObservation seen)
    {
        if (!seen.PoolExists)
        {
            return new Obstacle(Reasons.PoolNotFound, $"there is no PushPool {seen.Spec.PoolRef.Name} in this namespace: create it, or wait for it", NeedsPerson: false);
        }
        return seen.Lists?.Obstacle;
    }

    private static bool ListIsCounted(CampaignObservation seen) =>
        seen.Memory.ListCount is { } count && count.ContentHash == seen.ContentHash && seen.Now - count.At < CountAgain;

    /// <summary>Null until every shard was counted for this very order, and every live node has it.</summary>
    internal static PreviewStatus? Preview(CampaignObservation seen)
    {
        if (seen.Order is not { Gate: Gate.Preview } order)
        {
            return null;
        }
        if (order.Listed)
        {
            return seen.Memory.ListCount is { } list && list.ContentHash == seen.ContentHash
                ? Counted(list.Matched, list.Online, list.At)
                : null;
        }
        PreviewShard[] shards = [.. seen.Preview.Where(shard => shard.OwnerUid == order.OwnerUid && shard.Generation == order.Generation)];
        bool everyNode = seen.Nodes.Count > 0 && seen.Nodes.All(node => node.OrderSeq >= order.Seq);
        if (shards.DistinctBy(shard => shard.Shard).Count() < Shards.Count || !everyNode)
        {
            return null;
        }
        long online = seen.Nodes.Sum(node => node.Orders
            .Where(progress => progress.CampaignId == order.CampaignId && progress.Revision == order.Revision)
            .Sum(progress => (long)progress.Online));
        return Counted(shards.Sum(shard => shard.Matched), online, Microseconds.ToTime(shards.Min(shard => shard.At)));
    }

    // Cars come between the walk and the beat: there are never fewer that match than there are online.
    private static PreviewStatus Counted(long matched, long online, DateTimeOffset at) => new()
    {
        Matched = Math.Max(matched, online),
        Online = online,
        Offline = Math.Max(matched - online, 0),
        ObservedAt = RunningPlan.WholeSeconds(at),
    };

    /// <summary>Large lists are read beside the passes.</summary>
    internal static CampaignDecision ReadingLists(CampaignObservation seen, string progress)
    {
        CampaignDecision reading = Previewing(seen, new CampaignStep.None(), CampaignPlan.Live);
        return reading with { Standing = reading.Standing with { Work = Reasons.ReadingLists, Progress = progress } };
    }

    /// <summary>What comes next rests on what others do just now, and on its own age being on record.</summary>
    private static CampaignDecision AskRivals(CampaignObservation seen)
    {
        CampaignDecision asking = Decision(seen, new CampaignStep.None(), seen.Status.Phase is { } phase && seen.StatusIsCurrent ? phase : CampaignPhase.Previewing, CampaignPlan.AtOnce);
        return asking with { Memory = asking.Memory with { AsksRivals = true } };
    }

    private static CampaignDecision Previewing(CampaignObservation seen, CampaignStep step, TimeSpan requeue)
    {
        CampaignPhase phase = seen.Spec.Suspend ? CampaignPhase.Suspended : CampaignPhase.Previewing;
        CampaignDecision decision = Decision(seen, step, phase, requeue);
        return decision with { Standing = decision.Standing with { Work = Reasons.Previewing } };
    }

    private static CampaignDecision Decision(CampaignObservation seen, CampaignStep step, CampaignPhase phase, TimeSpan requeue) => new(
        step,
        new CampaignStanding
        {
            Phase = phase,
            Preview = Preview(seen),
            StartsAt = seen.Spec.Schedule?.StartAt,
            ExpiresAt = seen.Spec.Schedule?.ExpireAt ?? seen.Spec.Schedule?.StartAt + CampaignPlan.DefaultDuration,
            NextWindow = WindowPlan.Next(seen),
        },
        requeue,
        seen.Memory with { QuietSince = null, StillSince = null, ClosedSince = null, Claimed = null, ClaimedAt = null, AsksRivals = false });
}
