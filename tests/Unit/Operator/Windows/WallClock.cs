using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using PushPlatform.Operator.Api;

namespace PushPlatform.Tests.Unit.Operator.Windows;

/// <summary>What windows mean, said once more and as plainly as possible: look at the clock on the wall, compare. And windows in places whose clocks are odd.</summary>
internal static class WallClock
{
    /// <summary>Changes at two, at midnight, by half an hour, never, and one place that left out a whole day.</summary>
    private static readonly string[] Zones =
        ["Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "UTC"];

    /// <summary>Around changes of some of these clocks, and a summer's day.</summary>
    private static readonly DateTimeOffset[] Moments =
    [
        new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero), new(2026, 10, 24, 12, 0, 0, TimeSpan.Zero), new(2026, 11, 1, 3, 0, 0, TimeSpan.Zero), new(2018, 2, 17, 20, 0, 0, TimeSpan.Zero),
        new(2026, 4, 4, 12, 0, 0, TimeSpan.Zero), new(2011, 12, 29, 12, 0, 0, TimeSpan.Zero), new(2026, 3, 22, 0, 0, 0, TimeSpan.Zero), new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero),
    ];

    /// <summary>Some windows of one place, in quarters of an hour, and a moment near which its clock may change.</summary>
    public static Gen<(SendWindow[] Windows, DateTimeOffset Now)> Cases { get; } =
        from zone in Gen.Elements(Zones)
        from other in Gen.Elements(Zones)
        from windows in Gen.Elements(zone, zone, zone, other).SelectMany(Window).NonEmptyListOf()
        from moment in Gen.Elements(Moments)
        from seconds in Gen.Choose(0, 2 * 86_400)
        select (windows.Take(4).ToArray(), moment.AddSeconds(seconds));

    public static bool IsInside(IReadOnlyList<SendWindow> windows, DateTimeOffset at) => windows.Any(window =>
    {
        LocalDateTime wall = Instant.FromDateTimeOffset(at).InZone(DateTimeZoneProviders.Tzdb[window.TimeZone]).LocalDateTime;
        (LocalTime from, LocalTime to) = (Time(window.From), Time(window.To));
        bool today = Counts(window, wall.Date);
        return from < to
            ? today && wall.TimeOfDay >= from && wall.TimeOfDay < to
            : (today && wall.TimeOfDay >= from) || (Counts(window, wall.Date.PlusDays(-1)) && wall.TimeOfDay < to);
    });

    private static bool Counts(SendWindow window, LocalDate date) => window.Days is not { } days || days.Any(day => $"{day}" == $"{date.DayOfWeek}");

    private static LocalTime Time(string text) => LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(text).Value;

    private static Gen<SendWindow> Window(string zone) =>
        from every in Gen.Elements(true, false)
        from days in Gen.Elements(Enum.GetValues<Weekday>()).NonEmptyListOf()
        from hours in Gen.Elements(Gen.Choose(0, 23), Gen.Choose(0, 3)).SelectMany(hour => hour.Two())
        from quarters in Gen.Choose(0, 3).Two()
        select new SendWindow
        {
            Days = every ? null : [.. days.Distinct()],
            From = $"{hours.Item1:00}:{15 * quarters.Item1:00}",
            To = $"{hours.Item2:00}:{15 * quarters.Item2:00}",
            TimeZone = zone,
        };
}
