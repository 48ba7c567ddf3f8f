using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>What a campaign that is ready to start has to do first about others that push the same patch.</summary>
internal sealed record ConflictVerdict
{
    public static readonly ConflictVerdict Free = new();

    /// <summary>A newer one went first: this one must never start.</summary>
    public Rival? Overtaken { get; init; }

    /// <summary>One that goes first: this one waits for its end.</summary>
    public Rival? Waits { get; init; }

    /// <summary>Those that end in favour of this one; and those that have ended, and are not to go on.</summary>
    public IReadOnlyList<Rival> Displaces { get; init; } = [];

    /// <summary>One that is being closed, and may still have something on its way out.</summary>
    public Rival? Closing { get; init; }
}

/// <summary>
/// Who goes first among the open campaigns of a pool that push the same patch. Rank is priority, then age; one that has started stays unless it is
/// superseded; and whoever starts does so over the ends of all that are older, so that no car gets an older version after a newer one.
/// </summary>
internal static class ConflictRule
{
    public static ConflictVerdict Judge(CampaignObservation seen)
    {
        IReadOnlyList<Rival> rivals = seen.Rivals.All;
        if (rivals.Count == 0)
        {
            return ConflictVerdict.Free;
        }
        PushCampaignSpec spec = seen.Spec;
        DateTimeOffset age = Acceptance.Age(seen);
        bool IsOlder(Rival rival) => rival.AcceptedAt < age || (rival.AcceptedAt == age && string.CompareOrdinal(rival.Name, seen.Campaign.Metadata.Name) < 0);
        bool GoesFirst(Rival rival) => rival.Priority > spec.Priority
            || (spec.ConflictPolicy != ConflictPolicy.Supersede && IsOlder(rival) && (rival.Started || rival.Priority == spec.Priority));

        Rival[] accepted = [.. rivals.Where(rival => rival.AcceptedAt is not null)];
        return new ConflictVerdict
        {
            Overtaken = accepted.FirstOrDefault(rival => rival.Started && !IsOlder(rival)),
            Waits = First(accepted.Where(rival => rival.Competes && GoesFirst(rival))),
            Displaces = [.. accepted.Where(rival => IsOlder(rival) && (!rival.Over || rival.MayReturn) && !rival.GivesWay && !rival.Leaves && !(rival.Competes && GoesFirst(rival)))],
            Closing = rivals.FirstOrDefault(rival => rival.IsClosing),
        };
    }

    /// <summary>One that is open while this one asks to be accepted.</summary>
    public static Rival? Opposes(CampaignObservation seen) => First(seen.Rivals.All.Where(rival => rival.Competes));

    private static Rival? First(IEnumerable<Rival> rivals) =>
        rivals.OrderByDescending(rival => rival.Started).ThenByDescending(rival => rival.Priority).ThenBy(rival => rival.AcceptedAt).ThenBy(rival => rival.Name, StringComparer.Ordinal).FirstOrDefault();
}
