using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Gates;

/// <summary>
/// <see cref="ApprovalMode.Manual"/>: the last word on the campaign as it stands decides, before the start and after it. A spec that was changed is one that
/// nobody has spoken of.
/// </summary>
internal static class ApprovalGate
{
    public static Hold? Of(CampaignObservation seen)
    {
        if (seen.Spec.Rollout.Approval is not ApprovalMode.Manual)
        {
            return null;
        }
        return ApprovalList.LastWord(seen.Approvals) switch
        {
            { Verb: ApprovalVerb.Approve } => null,
            { } denial => Held(Reasons.Denied, $"denied by {denial.By}{Because(denial)}: change the spec, or approve it after all with {Command(seen, ApprovalVerb.Approve)}"),
            null => Held(Reasons.AwaitingApproval, $"nobody has approved it as it stands. To approve it: {Command(seen, ApprovalVerb.Approve)}"),
        };
    }

    /// <summary>What somebody who may say so can paste into a shell.</summary>
    internal static string Command(CampaignObservation seen, ApprovalVerb verb)
    {
        string name = seen.Campaign.Name();
        string manifest =
            $"{{apiVersion: {PushApi.Group}/{PushApi.Version}, kind: PushCampaignApproval, metadata: {{generateName: {name}-, namespace: {seen.Campaign.Namespace()}}}, "
            + $"spec: {{campaignRef: {{name: {name}}}, verb: {verb}, specHash: '{seen.SpecHash}', approvedBy: '$(kubectl auth whoami -o jsonpath={{.status.userInfo.username}})'}}}}";
        return $"echo \"{manifest}\" | kubectl create -f -";
    }

    private static string Because(CampaignApproval denial) => string.IsNullOrWhiteSpace(denial.Comment) ? "" : $" ({denial.Comment})";

    private static Hold Held(string reason, string message) => new(CampaignPhase.AwaitingApproval, reason, message);
}
