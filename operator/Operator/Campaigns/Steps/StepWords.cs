using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Gates;

namespace PushPlatform.Operator.Campaigns.Steps;

/// <summary>Steps in a user's words.</summary>
internal static class StepWords
{
    /// <summary>What the open step waits for before more cars are told; null while it tells them.</summary>
    public static Hold? Wait(CampaignObservation seen, RolloutStep rule, IReadOnlyList<StepStatus> opened, int count)
    {
        StepStatus step = opened[^1];
        string which = $"step {opened.Count} of {count}";
        string result = $"{step.Attempted} told, {step.Delivered} delivered, {step.Failed} failed";
        if (step.State == StepState.AwaitingPromotion)
        {
            return Paused(Reasons.AwaitingPromotion, $"{which} waits for a person to promote it ({result}): {ApprovalGate.Command(seen, ApprovalVerb.Promote)}");
        }
        if (step.State != StepState.Soaking)
        {
            return null;
        }
        DateTimeOffset end = StepPlan.SoakEnd(seen, rule, step);
        return seen.Now < end
            ? Paused(Reasons.Soaking, $"{which} is looked at until {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} ({result})", end)
            : Paused(Reasons.StepUnsuccessful, $"{which} goes on when {rule.SuccessPercent} % of the cars that answered have delivered, and {rule.MinSamples} have answered ({result}); or when a person promotes it: {ApprovalGate.Command(seen, ApprovalVerb.Promote)}");
    }

    /// <summary>How far the open step has come, for the message; empty where there are no steps.</summary>
    public static string Progress(StepProgress? progress) => progress is { Current: { } current, Steps: var steps } && steps[current - 1] is { Size: { } size } step
        ? $"step {current} of {steps.Count - 1}: {step.Attempted} of {size} told; "
        : "";

    private static Hold Paused(string reason, string message, DateTimeOffset? until = null) => new(CampaignPhase.Paused, reason, message, until);
}
