using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Limits;

/// <summary>
/// What limits over the last so many seconds know of the past: for each length of time a few sums, kept in the status, so that they outlive any operator. Where
/// it is not known when cars answered (no operator looked, or the limit is new), it was just now: a limit may stop too early, never too late.
/// </summary>
internal static class LimitHistory
{
    /// <summary>How much longer than asked for an outcome may count: one of so many parts of the window, and while no operator looks.</summary>
    public const int Slices = 10;

    /// <summary>At most <see cref="Slices"/> + 2 samples for each length of time that some limit has.</summary>
    /// <param name="before">As it was remembered.</param>
    /// <param name="limits">Of the spec.</param>
    /// <param name="tally">The outcomes of all cars by now.</param>
    /// <param name="now">Redis's time: all operators have the same.</param>
    /// <returns>Null when no limit has a window.</returns>
    public static IReadOnlyList<LimitWindow>? Remember(IReadOnlyList<LimitWindow>? before, IReadOnlyList<AbortLimit>? limits, LimitTally tally, DateTimeOffset now)
    {
        LimitWindow[] windows =
        [
            .. (limits ?? [])
                .Select(limit => limit.WindowSeconds)
                .OfType<int>()
                .Distinct()
                .Order()
                .Select(seconds => new LimitWindow { Seconds = seconds, Samples = Samples(Find(before, seconds)?.Samples ?? [], seconds, tally, now) }),
        ];
        return windows.Length > 0 ? windows : null;
    }

    /// <summary>What counts no more for a limit; null while all does.</summary>
    public static LimitTally? Before(IReadOnlyList<LimitWindow>? windows, AbortLimit limit, DateTimeOffset now) =>
        limit.WindowSeconds is { } seconds && Find(windows, seconds) is { } window
            ? window.Samples.LastOrDefault(sample => sample.At <= now.AddSeconds(-seconds))?.Outcomes
            : null;

    private static LimitSample[] Samples(IReadOnlyList<LimitSample> before, int seconds, LimitTally tally, DateTimeOffset now)
    {
        IEnumerable<LimitSample> samples = before;
        LimitSample? last = before.Count > 0 ? before[^1] : null;
        // Rounded up: what is in the sum had happened by then.
        DateTimeOffset at = RunningPlan.WholeSeconds(now.AddTicks(TimeSpan.TicksPerSecond - 1));
        if (last is null || (last.Outcomes != tally && Slice(at, seconds) > Slice(last.At, seconds)))
        {
            samples = samples.Append(new LimitSample { At = at, Outcomes = tally });
        }
        LimitSample[] all = [.. samples];
        int newestOutside = Array.FindLastIndex(all, sample => sample.At <= now.AddSeconds(-seconds));
        return all[Math.Max(0, newestOutside)..];
    }

    private static long Slice(DateTimeOffset time, int seconds) => time.ToUnixTimeSeconds() / ((seconds + Slices - 1) / Slices);

    private static LimitWindow? Find(IReadOnlyList<LimitWindow>? windows, int seconds) => windows?.FirstOrDefault(window => window.Seconds == seconds);
}
