using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Operator.Campaigns.Limits;
using PushPlatform.Operator.Campaigns.Retries;
using PushPlatform.Operator.Campaigns.Steps;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Operator.Campaigns;

/// <summary>
/// The whole policy of a campaign: what is seen → the one thing to do. No I/O, no logger, no clock. The questions stand in the order in which
/// they matter; each answer rests on the stores alone, so a pass after a crash at any line comes to the same end.
/// </summary>
internal static class CampaignPlan
{
    internal static readonly TimeSpan AtOnce = TimeSpan.Zero;

    /// <summary>While a campaign lives: its gate is read, and repaired, so often.</summary>
    internal static readonly TimeSpan Live = TimeSpan.FromSeconds(1);

    /// <summary>While it waits for something that does not announce itself.</summary>
    internal static readonly TimeSpan Patient = TimeSpan.FromSeconds(5);

    /// <summary>Nothing is expected to happen.</summary>
    internal static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    /// <summary>The default of <c>schedule.expireAt</c>, from the start.</summary>
    internal static readonly TimeSpan DefaultDuration = TimeSpan.FromDays(7);

    public static CampaignDecision Decide(CampaignObservation seen)
    {
        if (seen.Campaign.Metadata.DeletionTimestamp is not null)
        {
            return EndingPlan.Delete(seen);
        }
        if (seen.Tombstone is { } end)
        {
            return FinishedPlan.Decide(seen, end);
        }
        if (seen.StatusIsCurrent && IsEnd(seen.Status.Phase) && seen.Ledger is null && seen.Order is null)
        {
            // Redis lost its tombstones, the status has not: what is finished stays finished.
            return FinishedPlan.Remain(seen);
        }
        if (seen.Revision < seen.Spec.Revision)
        {
            return EndingPlan.Supersede(seen);
        }
        if (seen is { StatusIsCurrent: true, Status.SupersededBy: not null, SeesOtherOwner: false })
        {
            return EndingPlan.GiveWay(seen);
        }
        if (RetryPlan.GivesWayTo(seen) is { } newer)
        {
            return EndingPlan.GiveWayTo(seen, newer.Name);
        }
        if (Refusal(seen) is { } refusal)
        {
            return Hold(seen, refusal);
        }
        if (seen.SeesOtherOwner)
        {
            return Elsewhere(seen, new CampaignStep.CloseOrphan());
        }
        if (seen.Spec.Cancel)
        {
            return EndingPlan.Cancel(seen);
        }
        if (seen.Spec.Abort)
        {
            return EndingPlan.Abort(seen);
        }
        if (LimitPlan.Aborts(seen))
        {
            return EndingPlan.AbortByLimit(seen);
        }
        if (StepPlan.HasFailed(seen))
        {
            return EndingPlan.Abort(seen, Reasons.StepFailed);
        }
        return seen.RecordedLedger is null ? WaitingPlan.Decide(seen) : RunningPlan.Decide(seen);
    }

    /// <summary>What a person has to put right before anything (more) is sent.</summary>
    private static Obstacle? Refusal(CampaignObservation seen)
    {
        if (seen.Faults.Count > 0)
        {
            return new Obstacle(Reasons.InvalidSpec, string.Join("; ", seen.Faults), NeedsPerson: true);
        }
        if (seen.LatestTombstone is { } latest && latest.Revision > seen.Spec.Revision)
        {
            return new Obstacle(
                Reasons.RevisionReused,
                $"revision {latest.Revision} of {latest.CampaignId} has been pushed already: raise spec.revision above it to push again",
                NeedsPerson: true);
        }
        if (seen.SeesOtherOwner && seen.OtherOwnerLives)
        {
            return new Obstacle(
                Reasons.CampaignIdInUse,
                $"another PushCampaign of this pool uses the id {seen.Campaign.EffectiveCampaignId()}: give this one another spec.campaignId",
                NeedsPerson: true);
        }
        if (seen.RecordedLedger is { } recorded ? IsLost(seen, recorded) : seen.OwnsLedger && seen.Ledger!.Pace is null)
        {
            return new Obstacle(
                Reasons.LedgerLost,
                "Redis has lost the record of who was told, or a part of it; going on could tell cars twice. Raise spec.revision to push again on purpose",
                NeedsPerson: true);
        }
        return ContentRefusal(seen);
    }

    // What was said once stays said: a store that comes back later has missed what happened meanwhile.
    private static bool IsLost(CampaignObservation seen, LedgerStatus recorded) =>
        seen.Ledger is not { Whole: true } ledger || ledger.LedgerId != recorded.Id || CampaignStatus.IsStalled(seen.Status, Reasons.LedgerLost);

    private static Obstacle? ContentRefusal(CampaignObservation seen)
    {
        if (!seen.OwnsLedger)
        {
            return null;
        }
        // Lists count as they were at the freeze; what they say afterwards is for the next revision, and nobody reads them any more.
        bool same = seen.Spec.Targets.VidsFrom is not null && seen.Ledger!.Frozen
            ? seen.Order is not { } order || OrderDraft.IsContentOf(seen, order)
            : seen.ContentHash.Length == 0 || seen.ContentHash == seen.Ledger!.ContentHash;
        if (!StepQuota.Fits(seen))
        {
            return new Obstacle(Reasons.InvalidSpec, $"spec.rollout.steps: {StepRules.AddedTooLate}", NeedsPerson: true);
        }
        if (seen.Ledger!.Pace is { } pace && pace.DryRun != seen.Spec.DryRun)
        {
            return new Obstacle(
                Reasons.RevisionReused,
                $"revision {seen.Spec.Revision} has begun as {(pace.DryRun ? "a dry run" : "a real one")}: set spec.dryRun back, or raise spec.revision together with it",
                NeedsPerson: true);
        }
        if (same)
        {
            return null;
        }
        return new Obstacle(
            Reasons.RevisionReused,
            $"revision {seen.Spec.Revision} has started with another patch or other targets: set them back, or raise spec.revision to push the new ones",
            NeedsPerson: true);
    }

    /// <summary>Nothing goes on: closes whatever of this campaign is open, and says why.</summary>
    private static CampaignDecision Hold(CampaignObservation seen, Obstacle obstacle)
    {
        Gate gate = obstacle.Reason == Reasons.LedgerLost ? Gate.Closed : Gate.Paused;
        CampaignStep step = obstacle.Reason == Reasons.CampaignIdInUse ? new CampaignStep.None() : Shut(seen, gate);
        CampaignStanding standing = RunningPlan.Standing(seen, CampaignPhase.Pending) with { Obstacle = obstacle };
        return new CampaignDecision(step, standing, step is CampaignStep.None ? Patient : AtOnce, seen.Memory);
    }

    private static CampaignDecision Elsewhere(CampaignObservation seen, CampaignStep step) =>
        new(step, new CampaignStanding { Phase = CampaignPhase.Pending, Work = Reasons.Waiting }, Live, seen.Memory);

    /// <summary>Takes away the right to send, if anybody still has it. Orders that cannot send are left alone unless they are to be forgotten.</summary>
    internal static CampaignStep Shut(CampaignObservation seen, Gate gate)
    {
        Pace? pace = seen.OwnsLedger && seen.Ledger!.Pace is { IsShut: false } open ? open.Shut : null;
        bool mayAct = seen.OwnsOrder && (seen.Order!.Gate is Gate.Open or Gate.Freeze || (gate == Gate.Closed && seen.Order.Gate != Gate.Closed));
        Order? order = mayAct ? seen.Order! with { Gate = gate, TakesNewVehicles = false, Generation = seen.Campaign.Metadata.Generation ?? 0 } : null;
        return pace is null && order is null
            ? new CampaignStep.None()
            : new CampaignStep.Align(seen.Ledger?.LedgerId ?? "", pace, order, seen.PlannedFrom);
    }

    internal static bool IsEnd(CampaignPhase? phase) => phase is CampaignPhase.Completed or CampaignPhase.Aborted or CampaignPhase.Expired;
}
