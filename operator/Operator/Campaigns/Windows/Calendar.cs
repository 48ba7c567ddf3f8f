using NodaTime;
using NodaTime.Text;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Windows;

/// <summary>A time without a break in which notices may leave: from (inclusive) to (exclusive).</summary>
/// <param name="From">Null: it is open.</param>
/// <param name="To">Null: it never closes.</param>
internal sealed record OpenTime(DateTimeOffset? From, DateTimeOffset? To)
{
    public bool IsOpen => From is null;
}

/// <summary>
/// When windows are open. The clock on the wall decides and nothing else: a moment is inside when that clock reads a time from <c>from</c> to before <c>to</c>
/// of a day that counts. An hour that the clock leaves out opens nothing, one that it shows twice counts both times.
/// </summary>
internal static class Calendar
{
    /// <summary>Longer than two weeks: a weekly window that a change of the clock swallows comes a week later.</summary>
    private static readonly Duration Horizon = Duration.FromDays(16);

    private static readonly LocalTimePattern WithSeconds = LocalTimePattern.CreateWithInvariantCulture("HH:mm:ss");
    private static readonly LocalTimePattern WithoutSeconds = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <summary>The time that is open at <paramref name="now"/>, or else the next; windows that touch are one. Null: none is near.</summary>
    public static OpenTime? At(IReadOnlyList<SendWindow> windows, DateTimeOffset now)
    {
        Instant from = Instant.FromDateTimeOffset(now);
        Instant until = from + Horizon;
        Interval? open = null;
        foreach (Interval span in windows.SelectMany(window => Spans(window, from, until)).OrderBy(span => span.Start))
        {
            if (open is null)
            {
                open = span;
            }
            else if (span.Start <= open.Value.End)
            {
                open = new Interval(open.Value.Start, Instant.Max(open.Value.End, span.End));
            }
            else
            {
                break;
            }
        }
        return open is not { } time
            ? null
            : new OpenTime(time.Start == from ? null : time.Start.ToDateTimeOffset(), time.End == until ? null : time.End.ToDateTimeOffset());
    }

    /// <param name="text">A time of day, <c>HH:mm</c> or <c>HH:mm:ss</c>.</param>
    public static int SecondOfDay(string text) => (int)(Time(text).TickOfDay / NodaConstants.TicksPerSecond);

    /// <summary>Its open times within [from, until), cut off there. Between two changes of the clock a wall's time is a moment plus an offset.</summary>
    private static IEnumerable<Interval> Spans(SendWindow window, Instant from, Instant until)
    {
        (LocalTime opens, LocalTime closes) = (Time(window.From), Time(window.To));
        foreach (NodaTime.TimeZones.ZoneInterval steady in DateTimeZoneProviders.Tzdb[window.TimeZone].GetZoneIntervals(from, until))
        {
            Instant first = steady.HasStart ? Instant.Max(from, steady.Start) : from;
            Instant last = steady.HasEnd ? Instant.Min(until, steady.End) : until;
            LocalDate lastDay = last.WithOffset(steady.WallOffset).Date;
            for (LocalDate day = first.WithOffset(steady.WallOffset).Date.PlusDays(-1); day <= lastDay; day = day.PlusDays(1))
            {
                Instant start = Instant.Max(first, (day + opens).WithOffset(steady.WallOffset).ToInstant());
                Instant end = Instant.Min(last, ((closes <= opens ? day.PlusDays(1) : day) + closes).WithOffset(steady.WallOffset).ToInstant());
                if (start < end && Counts(window, day))
                {
                    yield return new Interval(start, end);
                }
            }
        }
    }

    private static bool Counts(SendWindow window, LocalDate day) => window.Days is not { } days || days.Contains((Weekday)((int)day.DayOfWeek - 1));

    private static LocalTime Time(string text) => (text.Length > WithoutSeconds.PatternText.Length ? WithSeconds : WithoutSeconds).Parse(text).Value;
}
