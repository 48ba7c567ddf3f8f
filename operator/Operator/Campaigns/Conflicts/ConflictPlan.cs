using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>What <see cref="ConflictRule"/> means for a campaign that has not started.</summary>
internal static class ConflictPlan
{
    /// <summary>A status is written in a few milliseconds, and a step has half a second.</summary>
    private const int AtATime = 32;

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
        string[] names = [.. verdict.Displaces.Where(rival => rival is { Started: true, Over: false }).Append(verdict.Closing).OfType<Rival>().Select(rival => rival.Name).Distinct()];
        return names.Length == 0
            ? null
            : new Hold(CampaignPhase.Paused, Reasons.Superseding, $"starts once nothing more is sent by campaign {string.Join(", ", names)}, of the same patch");
    }

    /// <summary>What is done about them, some in each pass; null: nothing is to be done.</summary>
    public static CampaignStep.Supersede? Supersede(CampaignObservation seen)
    {
        PushCampaign[] displaced = [.. ConflictRule.Judge(seen).Displaces.Select(rival => rival.Resource).OfType<PushCampaign>().Take(AtATime)];
        return displaced.Length == 0 ? null : new CampaignStep.Supersede(displaced);
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
