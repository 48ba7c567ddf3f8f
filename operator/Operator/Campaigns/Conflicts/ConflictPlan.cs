using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>What <see cref="ConflictRule"/> means for a campaign that has not started.</summary>
internal static class ConflictPlan
{
    /// <summary>In whose favour it ends without having started, and why; null: it does not.</summary>
    public static (Rival Other, string Reason)? Ends(CampaignObservation seen)
    {
        ConflictVerdict verdict = ConflictRule.Judge(seen);
        if (verdict.Overtaken is { } newer)
        {
            return (newer, Reasons.Superseded);
        }
        if (seen.Spec.ConflictPolicy != ConflictPolicy.Reject)
        {
            return null;
        }
        Rival? other = Acceptance.Recorded(seen) is null ? ConflictRule.Opposes(seen) : verdict.Waits;
        return other is null ? null : (other, Reasons.Conflict);
    }

    /// <summary>It waits for its turn.</summary>
    public static Hold? Queued(CampaignObservation seen) => ConflictRule.Judge(seen).Waits is { } other
        ? new Hold(CampaignPhase.Paused, Reasons.Queued, $"waits for the end of campaign {other.Name}, {Why(seen, other)}: {WhatToDo(seen, other)}")
        : null;

    /// <summary>Everything else lets it start: those whose place it takes end first.</summary>
    public static Hold? Superseding(CampaignObservation seen)
    {
        ConflictVerdict verdict = ConflictRule.Judge(seen);
        string[] names = [.. verdict.Displaces.Where(rival => rival.Started).Append(verdict.Closing).OfType<Rival>().Select(rival => rival.Name).Distinct()];
        return names.Length == 0 && verdict.Displaces.Count == 0
            ? null
            : new Hold(CampaignPhase.Paused, Reasons.Superseding, $"starts once nothing more is sent by {(names.Length == 0 ? "those whose place it takes" : $"campaign {string.Join(", ", names)}")}, of the same patch");
    }

    /// <summary>What is done about them.</summary>
    public static CampaignStep Supersede(CampaignObservation seen)
    {
        IReadOnlyList<Rival> displaced = ConflictRule.Judge(seen).Displaces;
        return displaced.Count == 0 ? new CampaignStep.None() : new CampaignStep.Supersede([.. displaced.Select(rival => rival.Resource).OfType<PushCampaign>()]);
    }

    private static string Why(CampaignObservation seen, Rival other) => other switch
    {
        { Priority: var priority } when priority > seen.Spec.Priority => $"which pushes {seen.Spec.Patch.Id} with a higher spec.priority ({priority})",
        { Started: true } => $"which is pushing {seen.Spec.Patch.Id}",
        _ => $"which pushes {seen.Spec.Patch.Id} and was there before",
    };

    private static string WhatToDo(CampaignObservation seen, Rival other) => other.Priority > seen.Spec.Priority
        ? $"abort or delete that one, or set spec.priority to {other.Priority} and spec.conflictPolicy to Supersede"
        : "abort or delete that one, or set spec.conflictPolicy to Supersede to take its place";
}
