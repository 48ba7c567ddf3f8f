using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Cancelling;

namespace PushPlatform.Operator.Campaigns;

/// <summary>
/// Every way to end: shut the gate, let what is on its way arrive, end what is open, then write the tombstone and take the order away in one step.
/// </summary>
internal static class EndingPlan
{
    /// <summary>A person stopped it: what was sent gets its time to be acknowledged.</summary>
    public static CampaignDecision Abort(CampaignObservation seen) => Abort(seen, Reasons.Aborted);

    /// <summary>A person, or a rule that a person gave, stopped it: likewise.</summary>
    public static CampaignDecision Abort(CampaignObservation seen, string reason) => seen.OwnsLedger || seen.RecordedLedger is not null
        ? End(seen, CampaignOutcome.Aborted, reason, AckTime(seen))
        : FinishNow(seen, CampaignOutcome.Aborted, reason);

    /// <summary>A person takes it back: likewise, but nobody waits for answers, for every car that was told is asked next (<see cref="Cancelling.CancelPlan"/>).</summary>
    public static CampaignDecision Cancel(CampaignObservation seen) => seen.OwnsLedger || seen.RecordedLedger is not null
        ? End(seen, CampaignOutcome.Aborted, Reasons.Cancelled, RunningPlan.Grace)
        : FinishNow(seen, CampaignOutcome.Aborted, Reasons.Cancelled);

    /// <summary>Too many cars did not take it: likewise.</summary>
    public static CampaignDecision AbortByLimit(CampaignObservation seen) => End(seen, CampaignOutcome.Aborted, Reasons.LimitExceeded, AckTime(seen));

    /// <summary>Time ran out: likewise.</summary>
    public static CampaignDecision Expire(CampaignObservation seen) => End(seen, null, "", AckTime(seen));

    /// <summary>What had to hold before the start did not come about in time.</summary>
    public static CampaignDecision GiveUp(CampaignObservation seen, string reason) => FinishNow(seen, CampaignOutcome.Aborted, reason);

    /// <summary>Time ran out before it could start.</summary>
    public static CampaignDecision ExpireUnstarted(CampaignObservation seen) => FinishNow(seen, CampaignOutcome.Expired, "");

    /// <summary>A higher revision waits: the old one is closed first, without waiting for answers.</summary>
    public static CampaignDecision Supersede(CampaignObservation seen) => End(seen, CampaignOutcome.Aborted, Reasons.Superseded, RunningPlan.Grace);

    /// <summary>A newer campaign takes its place: what was sent gets its time to be acknowledged, which that one does not wait for.</summary>
    public static CampaignDecision GiveWay(CampaignObservation seen) => Abort(seen, Reasons.Superseded);

    /// <summary>It would go on after its end, and a newer one has begun.</summary>
    public static CampaignDecision GiveWayTo(CampaignObservation seen, string other)
    {
        CampaignDecision ending = End(seen, CampaignOutcome.Aborted, Reasons.Superseded, RunningPlan.Grace);
        return ending.Step is CampaignStep.Finish finish ? ending with { Step = finish with { Tombstone = finish.Tombstone! with { InFavourOf = other } } } : ending;
    }

    /// <summary>Before it has started, another one of the same patch stands against it.</summary>
    public static CampaignDecision GiveUpFor(CampaignObservation seen, string other, string reason)
    {
        CampaignStep.Finish finish = Finish(seen, CampaignOutcome.Aborted, reason);
        return Ending(seen, finish with { Tombstone = finish.Tombstone! with { InFavourOf = other } }, CampaignPlan.AtOnce, seen.Memory);
    }

    /// <summary>Deletion is abort (G10). What never had a ledger leaves no trace: nothing was sent, so re-creating it may send.</summary>
    public static CampaignDecision Delete(CampaignObservation seen)
    {
        if (seen.Tombstone is { } end)
        {
            if (CancelPlan.Stop(seen) is { } stop)
            {
                return new CampaignDecision(stop, Standing(seen), CampaignPlan.AtOnce, seen.Memory);
            }
            CampaignStep retire = seen.Ledger is not null && end.LedgerId.Length > 0 ? new CampaignStep.Retire(end.LedgerId) : new CampaignStep.None();
            return new CampaignDecision(retire, Standing(seen), CampaignPlan.Idle, seen.Memory) { Released = true };
        }
        if (seen.OwnsLedger || (seen.RecordedLedger is not null && !CampaignPlan.IsEnd(seen.Status.Phase)))
        {
            return End(seen, CampaignOutcome.Aborted, Reasons.Deleted, RunningPlan.Grace);
        }
        return seen.OwnsOrder
            ? new CampaignDecision(new CampaignStep.Finish("", null, null), Standing(seen), CampaignPlan.AtOnce, seen.Memory)
            : new CampaignDecision(new CampaignStep.None(), Standing(seen), CampaignPlan.Idle, seen.Memory) { Released = true };
    }

    /// <summary>The last step of a campaign.</summary>
    public static CampaignStep.Finish Finish(CampaignObservation seen, CampaignOutcome outcome, string reason)
    {
        LedgerCounts counts = seen.Ledger?.Counts ?? CountsOf(seen.StatusIsCurrent ? seen.Status.Counts : null);
        string ledgerId = seen.Ledger?.LedgerId ?? seen.RecordedLedger?.Id ?? "";
        var tombstone = new Tombstone
        {
            CampaignId = seen.Key.CampaignId,
            Revision = seen.Revision,
            OwnerUid = seen.Uid,
            ContentHash = seen.Ledger?.ContentHash ?? seen.RecordedLedger?.ContentHash ?? seen.ContentHash,
            LedgerId = ledgerId,
            Outcome = outcome,
            Reason = reason,
            DryRun = seen.IsDryRun,
            InFavourOf = seen.StatusIsCurrent ? seen.Status.SupersededBy : null,
            Retry = seen.Ledger?.Retry ?? 0,
            Counts = counts,
            StartedAt = seen.Ledger is { } ledger ? RunningPlan.WholeSeconds(Microseconds.ToTime(ledger.StartedAt)) : null,
            EndedAt = RunningPlan.WholeSeconds(seen.Clock),
        };
        return new CampaignStep.Finish(ledgerId, seen.Ledger?.Pace is { IsShut: false } pace ? pace.Shut : null, tombstone);
    }

    private static CampaignDecision End(CampaignObservation seen, CampaignOutcome? outcome, string reason, TimeSpan patience)
    {
        CampaignStep shut = CampaignPlan.Shut(seen, Gate.Paused);
        if (shut is not CampaignStep.None)
        {
            return Ending(seen, shut, CampaignPlan.AtOnce, seen.Memory with { ClosedSince = null });
        }
        DateTimeOffset since = seen.Memory.ClosedSince ?? seen.Now;
        CampaignMemory memory = seen.Memory with { ClosedSince = since };
        TimeSpan closedFor = seen.Now - since;
        if (closedFor < RunningPlan.Grace)
        {
            return Ending(seen, new CampaignStep.None(), RunningPlan.Grace - closedFor, memory); // Leases of the last moment run out.
        }
        CampaignDecision closed = Closed(seen, outcome, reason, patience, closedFor, memory);
        // Whoever waits for its place goes on at this word: it comes from a pass that knew that nothing is opened again.
        return seen.Status.SupersededBy is null ? closed : closed with { Standing = closed.Standing with { Work = Reasons.GaveWay } };
    }

    private static CampaignDecision Closed(
        CampaignObservation seen, CampaignOutcome? outcome, string reason, TimeSpan patience, TimeSpan closedFor, CampaignMemory memory)
    {
        LedgerCounts counts = seen.Ledger?.Counts ?? LedgerCounts.Zero;
        bool filling = seen.Ledger?.Shards.Any(shard => shard is { Frozen: false }) == true;
        if (filling || counts.Pending > 0)
        {
            return Ending(seen, new CampaignStep.EndOpenRecords(seen.Ledger!.LedgerId, EndOpen.PendingExpired), CampaignPlan.AtOnce, memory);
        }
        if (counts.InFlight > 0)
        {
            return closedFor < patience
                ? Ending(seen, new CampaignStep.None(), CampaignPlan.Live, memory)
                : Ending(seen, new CampaignStep.EndOpenRecords(seen.Ledger!.LedgerId, EndOpen.AllExpired), CampaignPlan.AtOnce, memory);
        }
        CampaignOutcome how = outcome ?? (counts.Expired > 0 ? CampaignOutcome.Expired : CampaignOutcome.Completed);
        return Ending(seen, Finish(seen, how, reason), CampaignPlan.AtOnce, memory);
    }

    private static CampaignDecision FinishNow(CampaignObservation seen, CampaignOutcome outcome, string reason) =>
        Ending(seen, Finish(seen, outcome, reason), CampaignPlan.AtOnce, seen.Memory);

    private static CampaignDecision Ending(CampaignObservation seen, CampaignStep step, TimeSpan requeue, CampaignMemory memory) =>
        new(step, Standing(seen) with { Work = Reasons.Ending }, requeue, memory);

    private static CampaignStanding Standing(CampaignObservation seen)
    {
        CampaignPhase phase = seen.StatusIsCurrent && seen.Status.Phase is { } current ? current : CampaignPhase.Pending;
        return RunningPlan.Standing(seen, phase);
    }

    private static TimeSpan AckTime(CampaignObservation seen) => RunningPlan.Grace + TimeSpan.FromSeconds(seen.Spec.Delivery.AckTimeoutSeconds);

    internal static LedgerCounts CountsOf(CampaignCounts? counts) => counts is null
        ? LedgerCounts.Zero
        : new LedgerCounts(
            counts.Targeted, counts.Pending, counts.InFlight, counts.Delivered, counts.Failed,
            counts.Rejected, counts.Expired + counts.Superseded, counts.Suppressed, counts.Resends, counts.CaughtUp,
            Rehearsed: counts.Rehearsed ?? 0, Cancelling: counts.Cancelling ?? 0, Cancelled: counts.Cancelled ?? 0);
}
