using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Windows;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Windows;

public sealed class CalendarTests
{
    [Theory]
    [InlineData("an ordinary night", "22:00", "06:00", null, "2026-07-15T12:00Z", "2026-07-15T20:00Z", "2026-07-16T04:00Z")]
    [InlineData("inside it", "22:00", "06:00", null, "2026-07-15T23:00Z", null, "2026-07-16T04:00Z")]
    [InlineData("at the moment it opens", "22:00", "06:00", null, "2026-07-15T20:00Z", null, "2026-07-16T04:00Z")]
    [InlineData("at the moment it closes", "22:00", "06:00", null, "2026-07-16T04:00Z", "2026-07-16T20:00Z", "2026-07-17T04:00Z")]
    [InlineData("to the second", "22:00:05", "22:00:07", null, "2026-07-15T20:00Z", "2026-07-15T20:00:05Z", "2026-07-15T20:00:07Z")]
    [InlineData("a day counts where it opens", "22:00", "06:00", Weekday.Friday, "2026-07-15T12:00Z", "2026-07-17T20:00Z", "2026-07-18T04:00Z")]
    [InlineData("from and to alike: 24 hours", "06:00", "06:00", Weekday.Friday, "2026-07-15T12:00Z", "2026-07-17T04:00Z", "2026-07-18T04:00Z")]
    [InlineData("every day for 24 hours never closes", "06:00", "06:00", null, "2026-07-15T12:00Z", null, null)]
    [InlineData("spring: two o'clock is three o'clock", "02:30", "04:00", null, "2026-03-29T00:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z")]
    [InlineData("spring: a window in the missing hour comes the day after", "02:15", "02:45", null, "2026-03-29T00:00Z", "2026-03-30T00:15Z", "2026-03-30T00:45Z")]
    [InlineData("spring: a weekly one in the missing hour comes a week later", "02:15", "02:45", Weekday.Sunday, "2026-03-29T00:00Z", "2026-04-05T00:15Z", "2026-04-05T00:45Z")]
    [InlineData("autumn: what the clock shows twice counts twice", "01:00", "02:30", null, "2026-10-24T23:30Z", null, "2026-10-25T00:30Z")]
    [InlineData("autumn: the second time", "01:00", "02:30", null, "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z")]
    [InlineData("autumn: a night lasts an hour longer", "22:00", "06:00", null, "2026-10-24T21:00Z", null, "2026-10-25T05:00Z")]
    public void At_InBerlin_IsOpenAsTheWallSays(string story, string from, string to, Weekday? day, string now, string? opens, string? closes) =>
        Calendar.At([new SendWindow { From = from, To = to, TimeZone = "Europe/Berlin", Days = day is { } one ? [one] : null }], Time(now)!.Value)
            .ShouldBe(new OpenTime(Time(opens), Time(closes)), story);

    [Fact]
    public void At_WindowsThatTouch_AreOne() => Calendar.At(
        [Utc("00:00", "06:00"), Utc("22:00", "00:00"), Utc("05:00", "07:00")], Time("2026-07-15T12:00Z")!.Value)
        .ShouldBe(new OpenTime(Time("2026-07-15T22:00Z"), Time("2026-07-16T07:00Z")));

    [Fact]
    public void At_AnyWindowsAndZone_ChangesWhereTheWallsClockSays()
    {
        int open = 0;
        Prop.ForAll(WallClock.Cases.ToArbitrary(), scene =>
        {
            OpenTime? time = Calendar.At(scene.Windows, scene.Now);

            bool inside = WallClock.IsInside(scene.Windows, scene.Now);
            (time is { IsOpen: true }).ShouldBe(inside);
            open += inside ? 1 : 0;
            DateTimeOffset change = (inside ? time!.To : time?.From) ?? scene.Now.AddDays(15);
            for (DateTimeOffset at = scene.Now; at < change; at = at.AddMinutes(5))
            {
                WallClock.IsInside(scene.Windows, at).ShouldBe(inside, $"at {at:O}, before {change:O}");
            }
            WallClock.IsInside(scene.Windows, change.AddTicks(-1)).ShouldBe(inside, $"just before {change:O}");
            if (change < scene.Now.AddDays(15))
            {
                WallClock.IsInside(scene.Windows, change).ShouldBe(!inside, $"at {change:O}");
            }
        }).QuickCheckThrowOnFailure();
        open.ShouldBeInRange(10, 90, "or one side was never tried");
    }

    private static SendWindow Utc(string from, string to) => new() { From = from, To = to, TimeZone = "UTC" };

    private static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text);
}
