using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>The rate's promise (G4), by the real script on a real Redis but at times that the test names: exact, and without waiting.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class LeaseRateTests(SingleRedis redis)
{
    private const long LifetimeMs = 500;

    private static readonly string Script = RedisScript.Load("lease").Text.Replace("redis.call('TIME')", "{ARGV[6], ARGV[7]}", StringComparison.Ordinal);

    public static TheoryData<int> Rates => [2, 3, 4, 5, 7, 10, 50, 200, 999, 5000];

    [Fact]
    public void Lease_AnyRateAndAnyScheduleOfAskers_NeverExceedsRateTimesWindowPlusOne()
    {
        // Each step: ms since the last, who asks, for how much.
        Gen<(int, int, int)[]> schedules = Gen.ArrayOf(
            from gap in Gen.Frequency((6, Gen.Choose(0, 120)), (2, Gen.Choose(120, 700)), (1, Gen.Choose(1400, 1600)))
            from asker in Gen.Choose(1, 3)
            from wanted in Gen.Frequency((3, Gen.Choose(1, 5)), (1, Gen.Choose(0, 2000)))
            select (gap, asker, wanted));
        Gen<(int Rate, (int, int, int)[] Schedule)> cases =
            from rate in Gen.OneOf(Gen.Choose(1, 6), Gen.Choose(1, 2000))
            from schedule in schedules
            select (rate, schedule);

        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            List<Grant> grants = [];
            long now = 0;
            Clock clock = NewClock(test.Rate);
            foreach ((int gap, int asker, int wanted) in test.Schedule)
            {
                now += gap;
                grants.Add(new Grant(now, clock.Ask(now, $"n{asker}", wanted).Sends));
            }

            return WorstWindow(grants, test.Rate);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(80));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Lease_TwoBusyNodes_ReachTheRateAndShareIt(int rate)
    {
        const long Seconds = 20;
        Clock clock = NewClock(rate);
        List<Grant> grants = [];
        long[] got = new long[2];
        long[] next = [0, 13];
        Random jitter = new(rate);
        while (Math.Min(next[0], next[1]) < Seconds * 1000)
        {
            int node = next[0] <= next[1] ? 0 : 1;
            long now = next[node];
            (int sends, long wait) = clock.Ask(now, $"n{node}", 10_000);
            grants.Add(new Grant(now, sends));
            got[node] += sends;
            next[node] = now + Math.Clamp(wait, 1, 95 + jitter.Next(10));
        }

        WorstWindow(grants, rate).ShouldBeTrue();
        double mean = got.Sum() / (double)Seconds;
        mean.ShouldBeInRange(rate * 0.95, rate * 1.05);
        if (rate >= 10)
        {
            got[0].ShouldBeInRange((long)(got.Sum() * 0.4), (long)(got.Sum() * 0.6));
        }
    }

    [Fact]
    public void Lease_RateOne_IsNeverTwoWithinASecondAndStillGoesOn()
    {
        Clock clock = NewClock(1);
        List<Grant> grants = [.. Enumerable.Range(0, 300).Select(i => new Grant(i * 100, clock.Ask(i * 100, "n", 5).Sends))];
        WorstWindow(grants, 1).ShouldBeTrue();
        grants.Sum(grant => grant.Sends).ShouldBe(20, "one in 1.5 s");
    }

    [Fact]
    public void Lease_AnyShareAndAnyScheduleOfAskers_CatchUpStaysWithinItsShare_AndAllWithinTheRate()
    {
        Gen<(int, int, int, int)[]> schedules = Gen.ArrayOf(
            from gap in Gen.Frequency((6, Gen.Choose(0, 120)), (2, Gen.Choose(120, 700)), (1, Gen.Choose(1400, 1600)))
            from asker in Gen.Choose(1, 3)
            from wanted in Gen.Frequency((3, Gen.Choose(1, 5)), (1, Gen.Choose(0, 2000)))
            from catchUp in Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(0, 2000)))
            select (gap, asker, wanted, catchUp));
        Gen<(int Rate, int Percent, (int, int, int, int)[] Schedule)> cases =
            from rate in Gen.OneOf(Gen.Choose(1, 6), Gen.Choose(1, 2000))
            from percent in Gen.OneOf(Gen.Choose(1, 99), Gen.Constant(100))
            from schedule in schedules
            select (rate, percent, schedule);

        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            List<Grant> all = [];
            List<Grant> caughtUp = [];
            long now = 0;
            Clock clock = NewClock(test.Rate, test.Percent);
            foreach ((int gap, int asker, int wanted, int catchUp) in test.Schedule)
            {
                now += gap;
                (int sends, int part, long _) = clock.Ask(now, $"n{asker}", wanted, catchUp);
                part.ShouldBeInRange(0, Math.Min(sends, catchUp));
                sends.ShouldBeLessThanOrEqualTo(wanted - Math.Min(wanted, catchUp) + part, "what may not catch up takes nobody else's place");
                all.Add(new Grant(now, sends));
                caughtUp.Add(new Grant(now, part));
            }

            return WorstWindow(all, test.Rate) && WorstWindow(caughtUp, test.Rate * test.Percent / 100.0, more: 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(80));
    }

    [Theory]
    [InlineData(100, 20)]
    [InlineData(1000, 5)]
    [InlineData(10, 1)]
    public void Lease_ManyComeBack_TheOthersHaveTheRest(int rate, int percent)
    {
        const long Seconds = 60;
        Clock clock = NewClock(rate, percent);
        long all = 0;
        long caughtUp = 0;
        for (long now = 0; now < Seconds * 1000;)
        {
            (int sends, int part, long wait) = clock.Ask(now, "n", 20_000, 10_000);
            all += sends;
            caughtUp += part;
            now += Math.Clamp(wait, 1, 100);
        }

        (all / (double)Seconds).ShouldBeInRange(rate * 0.95, rate * 1.05);
        (caughtUp / (double)Seconds).ShouldBeInRange((rate * percent / 100.0 * 0.9) - 0.02, (rate * percent / 100.0 * 1.1) + 0.02);
    }

    [Fact]
    public void Lease_OnlyThoseThatComeBackWait_StillTakeTheirShareOnly()
    {
        Clock clock = NewClock(100, 10);
        long caughtUp = 0;
        for (long now = 0; now < 30_000; now += 50)
        {
            (int sends, int part, long _) = clock.Ask(now, "n", 1000, 1000);
            part.ShouldBe(sends);
            caughtUp += part;
        }

        caughtUp.ShouldBeInRange(290, 310);
    }

    [Fact]
    public void Lease_ClockSetBack_GrantsNothingExtraAndGoesOn()
    {
        Clock clock = NewClock(10);
        clock.Ask(10_000, "n", 100);
        int rest = clock.Ask(10_000, "n", 100).Sends + clock.Ask(10_000, "n", 100).Sends;
        rest.ShouldBe(3, "capacity 5, shares of 2");
        clock.Ask(0, "n", 100).Sends.ShouldBe(0);
        clock.Ask(100, "n", 100).Sends.ShouldBe(1);
    }

    // The worst that nodes can do: of the grants i…j, the first sends as late as it may, the last as early.
    private static bool WorstWindow(List<Grant> grants, double rate, int more = 0)
    {
        for (int i = 0; i < grants.Count; i++)
        {
            long sends = 0;
            for (int j = i; j < grants.Count; j++)
            {
                sends += grants[j].Sends;
                double window = Math.Max(0, grants[j].At - grants[i].At - LifetimeMs) / 1000.0;
                if (grants[i].Sends > 0 && grants[j].Sends > 0 && sends > (rate * (window + 1)) + more + 1e-6)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private Clock NewClock(int rate, int catchUpPercent = 100)
    {
        LedgerScene scene = new(redis);
        Pace pace = new(Open: true, rate, DateTimeOffset.MaxValue, Supervised: false, CatchUpPercent: catchUpPercent);
        scene.Control.CreateAsync(scene.Campaign, LedgerScene.Plan(pace: pace), CancellationToken.None).GetAwaiter().GetResult();
        scene.Control.SetPaceAsync(scene.Campaign, LedgerScene.Id, pace, CancellationToken.None).GetAwaiter().GetResult();
        return new Clock(scene);
    }

    private sealed record Grant(long At, int Sends);

    private sealed class Clock(LedgerScene scene)
    {
        private const long Start = 1_700_000_000_000;

        public (int Sends, long WaitMs) Ask(long atMs, string asker, int wanted)
        {
            (int sends, int _, long wait) = Ask(atMs, asker, wanted, catchUp: 0);
            return (sends, wait);
        }

        public (int Sends, int CatchUp, long WaitMs) Ask(long atMs, string asker, int wanted, int catchUp)
        {
            long now = Start + atMs;
            RedisValue[] arguments = [LedgerScene.Id, asker, wanted, 1, catchUp, now / 1000, now % 1000 * 1000];
            RedisResult[] reply = (RedisResult[])scene.Raw.ScriptEvaluate(Script, [PushKeys.Pace(scene.Campaign)], arguments);
            return ((int)reply[1], (int)reply[3], (long)reply[2]);
        }
    }
}
