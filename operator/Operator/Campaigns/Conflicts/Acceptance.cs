namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>
/// When a revision was first found fit to be carried out: its age among its rivals, whatever clock the operator of the day has. It stands in the status
/// before the revision starts, and one that is accepted later is always newer than those that stand in theirs.
/// </summary>
internal static class Acceptance
{
    public static DateTimeOffset? Recorded(CampaignObservation seen) => seen.StatusIsCurrent ? seen.Status.AcceptedAt : null;

    /// <summary>What the status is to hold; null while there is nothing to accept. One that has to end for another is not accepted: it could take that one's place later.</summary>
    public static DateTimeOffset? Of(CampaignObservation seen, CampaignStanding standing)
    {
        bool accepts = standing is { Obstacle: null, End: null } && seen is { Rivals.Fresh: true, Tombstone: null, RecordedLedger: null } && ConflictPlan.Ends(seen) is null;
        return Recorded(seen) ?? (accepts ? Next(seen) : null);
    }

    /// <summary>Age as it is, or as it will be.</summary>
    public static DateTimeOffset Age(CampaignObservation seen) => Recorded(seen) ?? Next(seen);

    private static DateTimeOffset Next(CampaignObservation seen)
    {
        DateTimeOffset now = RunningPlan.WholeSeconds(seen.Now);
        DateTimeOffset? newest = seen.Rivals.All.Max(rival => rival.AcceptedAt)?.AddSeconds(1);
        return newest > now ? newest.Value : now;
    }
}
