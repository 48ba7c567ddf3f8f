using PushPlatform.Operator.Campaigns;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>
/// What may not change. CEL compares the old resource with the new one; the operator never saw the old one and judges by what its own
/// status remembers.
/// </summary>
internal static class TransitionRules
{
    public static void Check(FaultList faults, PushCampaign campaign, PushCampaignStatus previous, string? contentHash)
    {
        PushCampaignSpec spec = campaign.Spec;
        faults.Require(
            previous.CampaignId is null || previous.CampaignId == campaign.EffectiveCampaignId(),
            "spec.campaignId",
            "campaignId cannot be changed, it is the key of what was already sent: create another PushCampaign");
        faults.Require(
            previous.Pool is null || previous.Pool == spec.PoolRef.Name,
            "spec.poolRef",
            "poolRef cannot be changed, the pool keeps what was already sent: create another PushCampaign");
        faults.Require(!(spec.Revision < previous.Revision), "spec.revision", "revision cannot be lowered, only raised");
        if (spec.Revision == previous.Revision)
        {
            SameRevision(faults, spec, previous, contentHash);
        }
    }

    private static void SameRevision(FaultList faults, PushCampaignSpec spec, PushCampaignStatus previous, string? contentHash)
    {
        bool cancelled = previous.AbortReason == Reasons.Cancelled;
        faults.Require(!cancelled || spec.Cancel, "spec.cancel", "cancel cannot be taken back: raise revision to push again");
        bool aborted = !cancelled && (previous.Phase is CampaignPhase.Aborted || previous.AbortReason is not null);
        faults.Require(!aborted || spec.Abort, "spec.abort", "abort cannot be taken back: raise revision to push again");
        faults.Require(
            previous.StartedAt is null || contentHash is null || previous.Ledger is null || previous.Ledger.ContentHash == contentHash,
            "spec",
            "the patch, the targets and the contents of their lists are frozen, because this revision has started: put them back, or raise spec.revision");
        faults.Require(
            previous.StartedAt is null || (previous.DryRun ?? false) == spec.DryRun,
            "spec.dryRun",
            "dryRun cannot be changed, because this revision has started: raise spec.revision together with it");
        faults.Require(
            previous.StartedAt is null || previous.Steps is not null || spec.Rollout.Steps is not { Count: > 0 }, "spec.rollout.steps", StepRules.AddedTooLate);
    }
}
