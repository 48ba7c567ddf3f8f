using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Steps;

/// <summary>Where a rollout by steps stands: to be recorded before it takes effect.</summary>
/// <param name="Steps">Those that were opened, and those to come.</param>
/// <param name="Current">Number of the one that is open, from 1; null before the first.</param>
/// <param name="Wait">What it waits for before it tells more cars than it has; null while it tells them.</param>
internal sealed record StepProgress(IReadOnlyList<StepStatus> Steps, int? Current, Hold? Wait)
{
    /// <summary>All targets may be told: the last step is over.</summary>
    public bool IsOver => Current is { } current && Steps[current - 1].Size is null;

    /// <summary>The same after the end of the campaign: what is open closes with it.</summary>
    public static IReadOnlyList<StepStatus>? Ended(IReadOnlyList<StepStatus>? steps, Delivery.Orders.Tombstone end) => steps is null
        ? null
        : [.. steps.Select(step => step is { StartedAt: not null, FinishedAt: null }
            ? step with { State = end.Outcome == Delivery.Orders.CampaignOutcome.Completed ? StepState.Done : step.State, FinishedAt = end.EndedAt }
            : step)];
}
