namespace PushPlatform.Scenarios.Chaos;

/// <summary>What the guarantees say about time: the rate (G4) and how soon a stop stops (G5). Pure.</summary>
internal static class TimeChecks
{
    /// <summary>G5's own number.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    /// <summary>G5's number where the leading operator was gone.</summary>
    public static readonly TimeSpan StopWithinAcrossACrash = TimeSpan.FromSeconds(20);

    /// <summary>While the leader cannot reach Redis nobody can write down that the gate is closed, and its connection is built again within two probes and a back-off.</summary>
    public static readonly TimeSpan Reconnecting = TimeSpan.FromSeconds(5);

    /// <summary>A frame is stamped when the car reads it, not when it leaves: two copies may arrive this much closer together than they were sent.</summary>
    public static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(250);

    /// <summary>This process was not run for so long: what it stamped then, and shortly after, is not to be relied on.</summary>
    private static readonly TimeSpan AfterStarvation = TimeSpan.FromSeconds(1);

    public static IEnumerable<Finding> Check(Observations seen) =>
        [.. seen.Revisions.SelectMany(revision => RateIsHeld(seen, revision)), .. seen.Stops.SelectMany(stop => StopMeansStop(seen, stop))];

    public static bool IsStarved(Observations seen, TimeSpan at) => seen.Starved.Any(starved => at >= starved.From && at <= starved.To + AfterStarvation);

    /// <summary>G4: any window of w seconds holds at most rate × (w + 1) copies. It is enough to look at the windows that begin and end with a copy.</summary>
    private static IEnumerable<Finding> RateIsHeld(Observations seen, RevisionSeen revision)
    {
        TimeSpan[] times = [.. seen.Copies.Where(copy => copy.Delivery == revision.Delivery).Select(copy => copy.At).Order()];
        for (int first = 0; first < times.Length; first++)
        {
            for (int last = first; last < times.Length; last++)
            {
                int copies = last - first + 1;
                TimeSpan window = times[last] - times[first];
                if (copies > Math.Ceiling(revision.MaxPerSecond * ((window + Jitter).TotalSeconds + 1)))
                {
                    yield return new Finding(
                        "G4",
                        $"{revision.Delivery}: {copies} copies within {window.TotalSeconds:0.00} s from {times[first].TotalSeconds:0.00} s, at {revision.MaxPerSecond} a second",
                        IsStarved(seen, times[last]) || seen.Starved.Any(starved => starved.To >= times[first] && starved.From <= times[last]));
                    yield break;
                }
            }
        }
    }

    private static IEnumerable<Finding> StopMeansStop(Observations seen, Stop stop)
    {
        TimeSpan limit = stop.AtOnce ? stop.From : Limit(seen.Outages, stop.From);
        Copy? late = seen.Copies.Where(copy => copy.Delivery == stop.Delivery && copy.At > limit && !(copy.At > stop.Until)).MaxBy(copy => copy.At);
        if (late is not null)
        {
            yield return new Finding(
                stop.Guarantee,
                $"{stop.Delivery}: {late.Vid} was sent it at {late.At.TotalSeconds:0.00} s; {stop.What} at {stop.From.TotalSeconds:0.00} s, so nothing may come after {limit.TotalSeconds:0.00} s",
                IsStarved(seen, late.At));
        }
    }

    private static TimeSpan Limit(IReadOnlyList<Outage> outages, TimeSpan asked)
    {
        TimeSpan limit = asked + StopWithin;
        foreach (Outage outage in outages.Where(outage => outage.From <= asked + StopWithin))
        {
            TimeSpan mended = outage.LeaderGone && outage.To + StopWithinAcrossACrash > asked ? asked + StopWithinAcrossACrash
                : outage.To + Reconnecting > asked ? outage.To + Reconnecting
                : limit;
            limit = mended > limit ? mended : limit;
        }
        return limit;
    }
}
