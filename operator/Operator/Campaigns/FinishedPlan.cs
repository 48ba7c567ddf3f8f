using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Cancelling;
using PushPlatform.Operator.Campaigns.Retries;

namespace PushPlatform.Operator.Campaigns;

/// <summary>After the end: the tombstone speaks, whoever asks (G10).</summary>
internal static class FinishedPlan
{
    public static CampaignDecision Decide(CampaignObservation seen, Tombstone end)
    {
        if (!CancelPlan.IsTelling(seen) && CancelPlan.Stop(seen) is { } stop)
        {
            // To whoever waits for a higher revision this is no end.
            return seen.Revision == seen.Spec.Revision
                ? Ended(seen, end, stop, CampaignPlan.AtOnce)
                : new CampaignDecision(stop, RunningPlan.Standing(seen, CampaignPhase.Pending) with { Work = Reasons.Ending }, CampaignPlan.AtOnce, CampaignMemory.Empty);
        }
        if (seen.Lists is { Progress: { } progress } && !seen.KnowsItsEnd)
        {
            return WaitingPlan.ReadingLists(seen, progress);
        }
        // One that gave way goes on no more, whatever its spec says, and who took its place waits until it shows its end.
        if (seen is not { StatusIsCurrent: true, Status.SupersededBy: not null } && Obstacle(seen, end) is { } obstacle)
        {
            var blocked = new CampaignStanding { Phase = CampaignPhase.Pending, Obstacle = obstacle, Work = obstacle.NeedsPerson ? null : Reasons.Waiting };
            return new CampaignDecision(new CampaignStep.None(), blocked, CampaignPlan.Patient, CampaignMemory.Empty);
        }
        if (seen.OwnsOrder && seen.Order!.Revision <= end.Revision && !seen.Order.Cancels)
        {
            return Ended(seen, end, new CampaignStep.Finish("", null, null), CampaignPlan.AtOnce); // A late write put it back.
        }
        if (end.OwnerUid == seen.Uid && RetryPlan.AfterTheEnd(seen, end) is { } retry)
        {
            return Ended(seen, end, retry, CampaignPlan.AtOnce);
        }
        bool news = !seen.StatusIsCurrent || !CampaignPlan.IsEnd(seen.Status.Phase);
        if (news && end.OwnerUid == seen.Uid && end.LedgerId.Length > 0)
        {
            return Ended(seen, end, new CampaignStep.Retire(end.LedgerId), CancelPlan.IsTelling(seen) ? CampaignPlan.AtOnce : Later(seen, end));
        }
        if (CancelPlan.IsTelling(seen))
        {
            CampaignStep step = CancelPlan.Step(seen);
            CampaignDecision telling = Ended(seen, end, step, step is CampaignStep.None ? CampaignPlan.Live : CampaignPlan.AtOnce);
            return telling with { Supervise = Supervision.IsNeeded(seen.Spec) };
        }
        return Ended(seen, end, IsOutlived(seen, end) ? new CampaignStep.DeleteResource() : new CampaignStep.None(), Later(seen, end));
    }

    /// <summary>The tombstone is lost, the status is not.</summary>
    public static CampaignDecision Remain(CampaignObservation seen)
    {
        var end = new Tombstone
        {
            CampaignId = seen.Key.CampaignId,
            Revision = seen.Revision,
            OwnerUid = seen.Uid,
            ContentHash = seen.Status.Ledger?.ContentHash ?? "",
            LedgerId = "",
            Outcome = seen.Status.Phase switch
            {
                CampaignPhase.Completed => CampaignOutcome.Completed,
                CampaignPhase.Expired => CampaignOutcome.Expired,
                _ => CampaignOutcome.Aborted,
            },
            Reason = seen.Status.AbortReason ?? "",
            DryRun = seen.Status.DryRun ?? false,
            InFavourOf = seen.Status.SupersededBy,
            Counts = EndingPlan.CountsOf(seen.Status.Counts),
            StartedAt = seen.Status.StartedAt,
            EndedAt = seen.Status.CompletedAt ?? seen.Now,
        };
        return Ended(seen, end, IsOutlived(seen, end) ? new CampaignStep.DeleteResource() : new CampaignStep.None(), Later(seen, end));
    }

    private static Obstacle? Obstacle(CampaignObservation seen, Tombstone end)
    {
        if (end.DryRun != seen.Spec.DryRun)
        {
            return new Obstacle(
                Reasons.RevisionReused,
                $"revision {end.Revision} of {end.CampaignId} was {(end.DryRun ? "a dry run" : "a real one")} and is over: raise spec.revision together with spec.dryRun",
                NeedsPerson: true);
        }
        if (seen.KnowsItsEnd && (seen.Spec.Targets.VidsFrom is not null || end.ContentHash.Length == 0))
        {
            return null;
        }
        if (seen.Lists?.Obstacle is { } list)
        {
            return list;
        }
        return end.ContentHash.Length == 0 || end.ContentHash == seen.ContentHash
            ? null
            : new Obstacle(
                Reasons.RevisionReused,
                $"revision {end.Revision} of {end.CampaignId} was pushed with another patch or other targets: raise spec.revision to push this one",
                NeedsPerson: true);
    }

    private static CampaignDecision Ended(CampaignObservation seen, Tombstone end, CampaignStep step, TimeSpan requeue)
    {
        Tombstone shown = CancelPlan.Shown(seen, end);
        CampaignPhase phase = shown.Outcome switch
        {
            CampaignOutcome.Completed => CampaignPhase.Completed,
            CampaignOutcome.Aborted => CampaignPhase.Aborted,
            _ => CampaignPhase.Expired,
        };
        var standing = new CampaignStanding
        {
            Phase = phase,
            End = shown,
            Started = end.StartedAt is not null,
            Pushed = end.Outcome == CampaignOutcome.Completed || (seen.StatusIsCurrent && CampaignStatus.IsPushed(seen.Status)),
            Ledger = end.LedgerId.Length > 0 ? new LedgerStatus { Id = end.LedgerId, ContentHash = end.ContentHash } : null,
            StartsAt = seen.StatusIsCurrent ? seen.Status.StartsAt : end.StartedAt,
            ExpiresAt = seen.StatusIsCurrent ? seen.Status.ExpiresAt : null,
            Limits = seen.StatusIsCurrent ? seen.Status.Limits : null,
            // What a round has put back is told when it goes on, and judged from then on.
            Retry = end.OwnerUid == seen.Uid && step is not CampaignStep.Reopen ? RetryPlan.Stand(seen, isQuiet: false) : null,
        };
        return new CampaignDecision(step, standing, requeue, CampaignMemory.Empty);
    }

    // A re-created resource lives its own time, or GitOps would create and delete it in turns.
    private static DateTimeOffset? DeleteAt(CampaignObservation seen, Tombstone end)
    {
        if (seen.Spec.TtlSecondsAfterFinished is not { } seconds)
        {
            return null;
        }
        DateTimeOffset created = seen.Campaign.Metadata.CreationTimestamp ?? end.EndedAt;
        return (created > end.EndedAt ? created : end.EndedAt).AddSeconds(seconds);
    }

    private static bool IsOutlived(CampaignObservation seen, Tombstone end) => DeleteAt(seen, end) <= seen.Now;

    private static TimeSpan Later(CampaignObservation seen, Tombstone end)
    {
        TimeSpan left = DeleteAt(seen, end) - seen.Now ?? CampaignPlan.Idle;
        return left < CampaignPlan.Live ? CampaignPlan.Live : left < CampaignPlan.Idle ? left : CampaignPlan.Idle;
    }
}
