using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Quiet hours by the vehicles' own clocks, wherever these are and whatever is done to them.</summary>
public sealed class QuietClockTests
{
    /// <summary>Clocks that are set at two, at midnight, by half an hour, never; one that left out a whole day; and no zone at all.</summary>
    private static readonly string[] Reported =
        ["Europe.Berlin", "America.New_York", "America.Sao_Paulo", "Australia.Lord_Howe", "Asia.Kathmandu", "Pacific.Apia", "America.Argentina.Buenos_Aires", "UTC", "Mars.Olympus", ""];

    private static readonly DateTimeOffset[] Moments =
    [
        new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero), new(2026, 10, 24, 12, 0, 0, TimeSpan.Zero), new(2026, 11, 1, 3, 0, 0, TimeSpan.Zero), new(2018, 2, 17, 20, 0, 0, TimeSpan.Zero),
        new(2026, 4, 4, 12, 0, 0, TimeSpan.Zero), new(2011, 12, 29, 12, 0, 0, TimeSpan.Zero), new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero),
    ];

    private static readonly Gen<QuietHours> Hours =
        from hours in Gen.Elements(Gen.Choose(0, 23), Gen.Choose(0, 3)).SelectMany(hour => hour.Two())
        from quarters in Gen.Choose(0, 3).Two()
        from zone in Gen.Elements("UTC", "Europe/Berlin", "Australia/Lord_Howe")
        let begin = (hours.Item1 * 3600) + (quarters.Item1 * 900)
        let end = (hours.Item2 * 3600) + (quarters.Item2 * 900)
        select new QuietHours { FromSecond = begin, ToSecond = begin == end ? (end + 1) % 86_400 : end, TimeZone = zone };

    [Theory]
    [InlineData("in the night", "Europe.Berlin", "2026-07-15T23:00Z", 5 * 3600)]
    [InlineData("by day", "Europe.Berlin", "2026-07-15T12:00Z", 0)]
    [InlineData("a second before, for what is claimed takes a moment to leave", "Europe.Berlin", "2026-07-15T19:59:59Z", (8 * 3600) + 1)]
    [InlineData("two seconds before", "Europe.Berlin", "2026-07-15T19:59:58Z", 0)]
    [InlineData("the moment they end", "Europe.Berlin", "2026-07-15T04:00Z", 0)]
    [InlineData("elsewhere at the same time", "America.New_York", "2026-07-15T23:00Z", 0)]
    [InlineData("spring: an hour less", "Europe.Berlin", "2026-03-28T21:00Z", 7 * 3600)]
    [InlineData("autumn: an hour more", "Europe.Berlin", "2026-10-24T20:00Z", 9 * 3600)]
    [InlineData("nobody knows the place", "Mars.Olympus", "2026-07-15T23:00Z", 7 * 3600)]
    [InlineData("the name as it is written elsewhere is none of a label", "Europe/Berlin", "2026-07-15T23:00Z", 7 * 3600)]
    public void Remaining_FromTenToSix_AsTheVehiclesClockSays(string story, string zone, string now, int seconds)
    {
        QuietClock clock = new(new QuietHours { FromSecond = 22 * 3600, ToSecond = 6 * 3600, TimeZone = "UTC" });
        TimeSpan left = clock.Remaining(Labels(zone), DateTimeOffset.Parse(now));

        // What is left ends where somebody sets the clock: it is looked at again then.
        for (DateTimeOffset at = DateTimeOffset.Parse(now) + left; left > TimeSpan.Zero && clock.Remaining(Labels(zone), at) is { Ticks: > 0 } more; at += more)
        {
            left += more;
        }

        left.ShouldBe(TimeSpan.FromSeconds(seconds), story);
    }

    [Fact]
    public void UnknownZone_OfTheOrder_IsRefused() =>
        Should.Throw<ArgumentException>(() => (SampleOrders.Open() with { QuietHours = new QuietHours { FromSecond = 0, ToSecond = 1, TimeZone = "Mars/Olympus" } }).Active());

    [Fact]
    public void AnyHoursZonesAndTimes_QuietExactlyWhenTheWallsClockSaysSo()
    {
        int quiet = 0;
        int loud = 0;
        Prop.ForAll(
            (from hours in Hours
             from moment in Gen.Elements(Moments)
             from looks in Gen.Zip(Gen.Elements(Reported), Gen.Frequency((4, Gen.Choose(1, 120)), (1, Gen.Choose(120, 8000)))).ArrayOf(200)
             select (hours, moment, looks)).ToArbitrary(),
            run =>
            {
                (QuietHours hours, DateTimeOffset now, (string, int)[] looks) = run;
                QuietClock clock = new(hours);
                foreach ((string zone, int seconds) in looks)
                {
                    now = now.AddSeconds(seconds);
                    TimeSpan left = clock.Remaining(Labels(zone), now);
                    bool expected = Shows(hours, zone, now) || Shows(hours, zone, now.AddSeconds(1));
                    (left > TimeSpan.Zero).ShouldBe(expected, $"{zone} at {now:O}");
                    quiet += expected ? 1 : 0;
                    loud += expected ? 0 : 1;
                    if (expected)
                    {
                        Shows(hours, zone, now + left - TimeSpan.FromTicks(1)).ShouldBeTrue($"{zone} just before {now + left:O}");
                    }
                }
            }).QuickCheckThrowOnFailure();
        quiet.ShouldBeGreaterThan(1000, "or nothing was ever quiet");
        loud.ShouldBeGreaterThan(1000, "or everything always was");
    }

    [Fact]
    public void AnyVehicles_NothingLeavesInTheirQuietHours_AndEachIsToldWhenTheyAreOver()
    {
        int told = 0;
        Gen<(QuietHours, DateTimeOffset, string[], int[])> runs =
            from hours in Hours
            from moment in Gen.Elements(Moments)
            from zones in Gen.Elements(Reported).ArrayOf(6)
            from seconds in Gen.Choose(200, 1700).ArrayOf(60)
            select (hours, moment, zones, seconds);
        Prop.ForAll(runs.ToArbitrary(), run =>
        {
            (QuietHours hours, DateTimeOffset start, string[] zones, int[] seconds) = run;
            ManualTimeProvider clock = new();
            RedisClock redis = new(clock);
            redis.Heard((start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            Roster roster = new(clock, redis);
            ActiveOrder order = (SampleOrders.Open() with { QuietHours = hours }).Active();
            List<LocalVehicle> waiting = [.. zones.Select((zone, i) => new FakeLink($"v{i}") { Labels = Labels(zone) }.Arrive())];
            waiting.ForEach(vehicle => roster.Note(order, vehicle, VehicleStanding.Open, roster.Now));
            foreach (int wait in seconds)
            {
                foreach (LocalDelivery delivery in roster.TakeToClaim(order, 100).SelectMany(batch => batch.Deliveries))
                {
                    // The claim's answer may take as long as a lease lives.
                    DateTimeOffset leaves = redis.Now + Lease.Lifetime;
                    Shows(hours, delivery.Vehicle.Labels[QuietClock.ZoneLabel], redis.Now).ShouldBeFalse();
                    Shows(hours, delivery.Vehicle.Labels[QuietClock.ZoneLabel], leaves).ShouldBeFalse();
                    roster.Claimed(order, delivery, new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero)).ShouldBeTrue();
                    roster.Answered(order, delivery.Vehicle, AckStatus.Received);
                    roster.Settled(order, delivery.Vehicle, AckStatus.Received);
                    waiting.Remove(delivery.Vehicle);
                    told++;
                }

                foreach (LocalVehicle vehicle in waiting)
                {
                    order.QuietFor(vehicle, redis.Now).ShouldBeGreaterThan(TimeSpan.Zero, "whoever may be told has been");
                }

                roster.Count().ShouldBe((zones.Length, 0), "nothing waits for those in their quiet hours");
                roster.CountQuiet().ShouldBe(waiting.Count);
                clock.Advance(TimeSpan.FromSeconds(wait));
                roster.Turn(order);
            }
        }).QuickCheckThrowOnFailure();
        told.ShouldBeGreaterThan(300, "or nobody is ever told");
    }

    [Fact]
    public void NewLabels_AreLookedAtAtOnce()
    {
        ManualTimeProvider clock = new();
        RedisClock redis = new(clock);
        redis.Heard((new DateTimeOffset(2026, 7, 15, 23, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        Roster roster = new(clock, redis);
        ActiveOrder order = (SampleOrders.Open() with { QuietHours = new QuietHours { FromSecond = 22 * 3600, ToSecond = 6 * 3600, TimeZone = "UTC" } }).Active();
        FakeLink link = new("v1") { Labels = Labels("Europe.Berlin") };
        LocalVehicle vehicle = link.Arrive();
        roster.Note(order, vehicle, VehicleStanding.Open, roster.Now);
        roster.Claimable.ShouldBe(0);

        link.Labels = Labels("America.New_York");
        roster.Changed(order, vehicle);

        roster.Claimable.ShouldBe(1);
    }

    [Fact]
    public void SentAndSilent_ComesUpInItsQuietHours_IsSentAgainAfterThem()
    {
        ManualTimeProvider clock = new();
        RedisClock redis = new(clock);
        redis.Heard((new DateTimeOffset(2026, 7, 15, 21, 59, 50, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        Roster roster = new(clock, redis);
        ActiveOrder order = (SampleOrders.Open() with { QuietHours = new QuietHours { FromSecond = 22 * 3600, ToSecond = 6 * 3600, TimeZone = "UTC" } }).Active();
        LocalVehicle vehicle = new FakeLink("v1").Arrive();
        roster.Note(order, vehicle, VehicleStanding.Open, roster.Now);
        roster.Claimed(order, roster.TakeToClaim(order, 1)[0].Deliveries[0], new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero));
        roster.Count().ShouldBe((1, 1));

        clock.Advance(TimeSpan.FromSeconds(31));
        roster.Turn(order);
        roster.Claimable.ShouldBe(0);
        roster.Count().ShouldBe((1, 0));

        for (int minute = 0; minute < 8 * 60; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            roster.Turn(order);
        }

        roster.TakeToClaim(order, 1).ShouldHaveSingleItem().Requests.ShouldHaveSingleItem().LastAttempt.ShouldBe(1);
    }

    private static Dictionary<string, string> Labels(string zone) => new() { [QuietClock.ZoneLabel] = zone };

    /// <summary>The rule once more, as plainly as possible: look at the clock on the wall.</summary>
    private static bool Shows(QuietHours hours, string reported, DateTimeOffset at)
    {
        DateTimeZone zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(reported.Replace('.', '/')) ?? DateTimeZoneProviders.Tzdb[hours.TimeZone];
        double shows = Instant.FromDateTimeOffset(at).InZone(zone).TimeOfDay.TickOfDay / (double)NodaConstants.TicksPerSecond;
        return hours.FromSecond < hours.ToSecond
            ? shows >= hours.FromSecond && shows < hours.ToSecond
            : shows >= hours.FromSecond || shows < hours.ToSecond;
    }
}
