using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Gates;
using PushPlatform.Operator.Campaigns.Limits;
using PushPlatform.Operator.Campaigns.Windows;

namespace PushPlatform.Operator.Campaigns;

/// <summary>
/// All that holds a campaign back, in the order in which it is told: the first that applies counts. What is asked before the start only (a campaign that
/// has begun has passed it) stands apart from what holds at any time.
/// </summary>
internal static class HoldPlan
{
    /// <summary>Before the targets are frozen.</summary>
    public static Hold? BeforeStart(CampaignObservation seen) =>
        Suspended(seen) ?? BlastRadius.BeforeStart(seen) ?? AtAnyTime(seen) ?? Scheduled(seen) ?? WindowPlan.Hold(seen, CampaignPhase.Scheduled) ?? ConflictPlan.Queued(seen) ?? OnlineGate.BeforeStart(seen);

    /// <summary>From the freeze on.</summary>
    public static Hold? WhileRunning(CampaignObservation seen) =>
        AtAnyTime(seen) ?? BlastRadius.WhileRunning(seen) ?? LimitPlan.Hold(seen) ?? WindowPlan.Hold(seen, CampaignPhase.Paused);

    private static Hold? AtAnyTime(CampaignObservation seen) => Suspended(seen) ?? ApprovalGate.Of(seen);

    private static Hold? Suspended(CampaignObservation seen) => seen.Spec.Suspend
        ? new Hold(CampaignPhase.Suspended, Reasons.SuspendedByUser, "spec.suspend is true: nothing is sent until it is set back")
        : null;

    private static Hold? Scheduled(CampaignObservation seen) => seen.Spec.Schedule?.StartAt is { } startAt && seen.Now < startAt
        ? new Hold(CampaignPhase.Scheduled, Reasons.NotStarted, $"spec.schedule.startAt is {startAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", startAt)
        : null;
}
