using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Operator.Campaigns;

namespace PushPlatform.Operator.Approvals;

/// <param name="Accepted">Whether it counts.</param>
/// <param name="Reason">Of <see cref="ApprovalReasons"/>.</param>
/// <param name="Message">What the writer can do about it.</param>
internal sealed record ApprovalVerdict(bool Accepted, string Reason, string Message);

/// <summary>Whether an approval counts. Asked once for each: what the answer was stays. Pure.</summary>
internal static class ApprovalJudgement
{
    public const string Condition = "Accepted";

    public static bool IsAccepted(this PushCampaignApproval approval) =>
        approval.Status.Conditions?.Any(condition => condition is { Type: Condition, Status: "True" }) == true;

    /// <param name="approval">Not judged so far.</param>
    /// <param name="campaign">The campaign that it names, as the API server has it now; null = there is none.</param>
    /// <param name="isProven">The API server lets nobody write another's name into an approval.</param>
    /// <returns>Null while the campaign's status answers an older spec: ask again soon.</returns>
    public static ApprovalVerdict? Of(PushCampaignApproval approval, PushCampaign? campaign, bool isProven)
    {
        IReadOnlyList<Fault> faults = ApprovalValidation.Faults(approval, previous: null);
        string name = approval.Spec.CampaignRef.Name;
        if (faults.Count > 0)
        {
            return Refused(ApprovalReasons.InvalidSpec, string.Join("; ", faults));
        }
        if (campaign is null)
        {
            return Refused(ApprovalReasons.CampaignNotFound, $"there is no PushCampaign {name} in this namespace");
        }
        if (!isProven)
        {
            return Refused(
                ApprovalReasons.IdentityNotProven,
                "this cluster lets anybody write any name into spec.approvedBy, so nobody knows who approves: it needs Kubernetes 1.30 and crds/admission/approved-by.yaml, which the chart installs");
        }
        if (campaign.Metadata.DeletionTimestamp is not null || CampaignPlan.IsEnd(campaign.Status.Phase))
        {
            return Refused(ApprovalReasons.CampaignOver, $"{name} is over");
        }
        if (campaign.Status.ObservedGeneration != campaign.Generation() || campaign.Status.SpecHash is not { } hash)
        {
            return null;
        }
        if (hash != approval.Spec.SpecHash)
        {
            return Refused(ApprovalReasons.SpecChanged, $"it is about another spec than the one that stands: look at {name} again; its status.specHash is {hash}");
        }
        return NotAwaited(approval.Spec.Verb, campaign) is { } why
            ? Refused(ApprovalReasons.NotAwaited, $"{name} {why}")
            : new ApprovalVerdict(true, ApprovalReasons.Accepted, $"{approval.Spec.Verb} by {approval.Spec.ApprovedBy}");
    }

    /// <summary>Why the campaign waits for no such word; null = it does.</summary>
    private static string? NotAwaited(ApprovalVerb verb, PushCampaign campaign) => verb switch
    {
        ApprovalVerb.Approve or ApprovalVerb.Deny => campaign.Spec.Rollout.Approval is ApprovalMode.Manual ? null : "waits for nobody: its spec.rollout.approval is None",
        _ when campaign.Spec.Rollout.Steps is not { Count: > 0 } => "has no steps: its spec.rollout.steps is empty",
        // It takes on the step that is open, and would be forgotten by the time when one is.
        ApprovalVerb.Promote when campaign.Status.Steps?.Any(IsOpen) != true => "has no open step: promote it when it waits for that",
        _ => null,
    };

    private static bool IsOpen(StepStatus step) => step.State is StepState.Pushing or StepState.Soaking or StepState.AwaitingPromotion;

    private static ApprovalVerdict Refused(string reason, string message) => new(false, reason, message);
}
