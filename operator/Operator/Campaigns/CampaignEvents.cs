using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Campaigns;

/// <param name="Reason">Of the catalogue.</param>
internal sealed record CampaignEvent(string Reason, string Message, EventType Type = EventType.Normal);

/// <summary>What <c>kubectl describe</c> tells: one event for each transition between two statuses, none for progress. Pure.</summary>
internal static class CampaignEvents
{
    public static IEnumerable<CampaignEvent> Between(PushCampaignStatus before, PushCampaignStatus after)
    {
        bool wasOver = EndedBeforeItCame(before, after);
        bool sameRevision = before.Revision == after.Revision;
        if (after.Preview is { } preview && (!sameRevision || before.Preview is null))
        {
            yield return new(Reasons.PreviewReady, $"{preview.Online} of {preview.Matched} matching cars are online");
        }
        if (Became(before, after, CampaignStatus.Suspended))
        {
            yield return new(Reasons.Suspended, "Held by spec.suspend: nothing is sent until it is set back");
        }
        if (Ceased(before, after, CampaignStatus.Suspended) && !CampaignPlan.IsEnd(after.Phase))
        {
            yield return new(Reasons.Resumed, "spec.suspend was set back");
        }
        foreach (CampaignEvent word in Words(before, after))
        {
            yield return word;
        }
        foreach (CampaignEvent retry in Retries(sameRevision ? before.Retry : null, after.Retry))
        {
            yield return retry;
        }
        foreach (CampaignEvent pause in Pauses(before, after))
        {
            yield return pause;
        }
        if (Reason(after, CampaignStatus.Pushed) == Reasons.Pushing && (!sameRevision || Reason(before, CampaignStatus.Pushed) != Reasons.Pushing))
        {
            string what = after.DryRun is true ? $"Dry run of revision {after.Revision} for" : $"Revision {after.Revision} is pushed to";
            yield return new(Reasons.Started, $"{what} {after.Counts?.Targeted ?? 0} targets");
        }
        if (!wasOver && Became(before, after, CampaignStatus.Pushed) && after.Counts is { } counts)
        {
            yield return new(Reasons.Pushed, $"Every target that was online has settled; {counts.Pending + counts.InFlight} are away or have not answered");
        }
        foreach (CampaignEvent trouble in Trouble(before, after))
        {
            yield return trouble;
        }
        if (Became(before, after, CampaignStatus.Complete))
        {
            yield return wasOver ? AlreadyPushed(after) : End(after);
        }
        else if (after.AbortReason == Reasons.Cancelled && before.AbortReason != Reasons.Cancelled)
        {
            yield return new(Reasons.Cancelled, "It had ended: cars that have it and have not installed it are told to forget it", EventType.Warning);
        }
    }

    private static IEnumerable<CampaignEvent> Words(PushCampaignStatus before, PushCampaignStatus after) =>
        from approval in (after.Approvals ?? []).Except(before.Approvals ?? [])
        let reason = approval.Verb switch
        {
            ApprovalVerb.Approve => Reasons.Approved,
            ApprovalVerb.Deny => Reasons.Denied,
            _ => Reasons.Promoted,
        }
        select new CampaignEvent(reason, $"{approval.Verb} by {approval.By}{(string.IsNullOrWhiteSpace(approval.Comment) ? "" : $": {approval.Comment}")}");

    private static IEnumerable<CampaignEvent> Retries(RetryStatus? before, RetryStatus? after)
    {
        if (after is { Retried: > 0 } && after.Round > (before?.Round ?? 0))
        {
            yield return new(Reasons.Retried, $"Round {after.Round}: {after.Retried} cars are told once more");
        }
        if (after?.Refused is { } refused && refused != before?.Refused)
        {
            yield return new(Reasons.RetryRefused, $"Nobody is told once more: {refused}", EventType.Warning);
        }
    }

    /// <summary>Holds by the system: each beginning with its reason, and the end of the last.</summary>
    private static IEnumerable<CampaignEvent> Pauses(PushCampaignStatus before, PushCampaignStatus after)
    {
        if (Is(after, CampaignStatus.Paused) && Reason(before, CampaignStatus.Paused) != Reason(after, CampaignStatus.Paused))
        {
            yield return new(Reasons.Paused, Find(after, CampaignStatus.Paused)!.Message);
        }
        if (Ceased(before, after, CampaignStatus.Paused) && !CampaignPlan.IsEnd(after.Phase) && !Is(after, CampaignStatus.Suspended))
        {
            yield return new(Reasons.Resumed, $"{Reason(before, CampaignStatus.Paused)} is over");
        }
    }

    private static IEnumerable<CampaignEvent> Trouble(PushCampaignStatus before, PushCampaignStatus after)
    {
        V1Condition? ready = Find(after, ConditionTypes.Ready);
        V1Condition? earlier = Find(before, ConditionTypes.Ready);
        if (ready is { Status: "False" } && (earlier?.Status != "False" || earlier.Reason != ready.Reason))
        {
            yield return new(ready.Reason, ready.Message, EventType.Warning);
        }
        else if (ready is { Status: "True" } && earlier is { Status: "False" })
        {
            yield return new(Reasons.Recovered, $"{earlier.Reason} is over");
        }
    }

    /// <summary>A resource that was created again after its revision had been pushed.</summary>
    private static bool EndedBeforeItCame(PushCampaignStatus before, PushCampaignStatus after) =>
        before is { Phase: null or CampaignPhase.Pending, Ledger: null } && after.Ledger is not null && Became(before, after, CampaignStatus.Complete);

    // What was completed may well be applied again with everything else; what was cut off leaves cars that nobody tells.
    private static CampaignEvent AlreadyPushed(PushCampaignStatus after) => new(
        Reasons.AlreadyPushed,
        $"Revision {after.Revision} ended before this resource was created ({after.Phase}): nothing is sent; raise spec.revision to push again",
        after.Phase == CampaignPhase.Completed ? EventType.Normal : EventType.Warning);

    private static CampaignEvent End(PushCampaignStatus after)
    {
        string message = Find(after, CampaignStatus.Complete)!.Message;
        return after.Phase switch
        {
            CampaignPhase.Completed => new(Reasons.Completed, message),
            CampaignPhase.Expired => new(Reasons.Expired, message, EventType.Warning),
            _ => new(after.AbortReason == Reasons.Cancelled ? Reasons.Cancelled : Reasons.Aborted, message, EventType.Warning),
        };
    }

    private static bool Became(PushCampaignStatus before, PushCampaignStatus after, string type) => !Is(before, type) && Is(after, type);

    private static bool Ceased(PushCampaignStatus before, PushCampaignStatus after, string type) => Is(before, type) && !Is(after, type);

    private static bool Is(PushCampaignStatus status, string type) => Find(status, type) is { Status: "True" };

    private static string? Reason(PushCampaignStatus status, string type) => Find(status, type)?.Reason;

    private static V1Condition? Find(PushCampaignStatus status, string type) => status.Conditions?.FirstOrDefault(condition => condition.Type == type);
}
