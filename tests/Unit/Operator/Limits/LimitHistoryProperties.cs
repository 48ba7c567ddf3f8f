using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Limits;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Limits;

/// <summary>Operators that look now and then, and cars that answer meanwhile: what a limit over the last so many seconds counts.</summary>
public sealed class LimitHistoryProperties
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    // Mostly once a second, at times after a while in which no operator looked.
    private static readonly Gen<(int Milliseconds, int Answers)[]> Looks = Gen.Zip(
        Gen.Frequency((20, Gen.Choose(900, 1100)), (2, Gen.Choose(1000, 20_000)), (1, Gen.Choose(60_000, 200_000))),
        Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 50)))).ArrayOf(300);

    [Fact]
    public void AnyHistory_NothingInsideIsLeftOut_AndNothingWhollyOutsideCounts()
    {
        int counted = 0;
        int over = 0;
        Prop.ForAll(Gen.Zip(Gen.Choose(10, 150), Looks).ToArbitrary(), run => Play(run.Item1, run.Item2, (seen, now, forgotten) =>
        {
            DateTimeOffset since = now.AddSeconds(-run.Item1);
            long before = seen.LastOrDefault(look => look.At <= since).Answered;
            forgotten.ShouldBeLessThanOrEqualTo(before, "what was first seen within the window counts");
            forgotten.ShouldBeGreaterThanOrEqualTo(WhollyOutside(seen, since, run.Item1), "a tenth of the window later, at the operator's next look, it does not");
            counted += seen[^1].Answered > forgotten ? 1 : 0;
            over += forgotten > 0 ? 1 : 0;
        })).QuickCheckThrowOnFailure();
        counted.ShouldBeGreaterThan(100, "or nothing ever counts");
        over.ShouldBeGreaterThan(100, "or everything always counts");
    }

    [Fact]
    public void AWindowAsLongAsTheCampaign_IsNone() => Prop.ForAll(
        Looks.ToArbitrary(),
        looks => Play(86_400, looks, (_, _, forgotten) => forgotten.ShouldBe(0))).QuickCheckThrowOnFailure();

    [Fact]
    public void ALimitThatIsGivenItsWindowLater_CountsWhatItDidNotSee_ForOneWindow()
    {
        AbortLimit[] limits = [new AbortLimit { Percent = 1, WindowSeconds = 60 }];
        LimitTally old = new() { Attempted = 40, Failed = 40 };

        IReadOnlyList<LimitWindow>? windows = LimitHistory.Remember(null, limits, old, Start);
        LimitHistory.Before(windows, limits[0], Start.AddSeconds(59)).ShouldBeNull();
        LimitHistory.Before(windows, limits[0], Start.AddSeconds(60)).ShouldBe(old);
    }

    [Fact]
    public void WindowsOfSeveralLimits_AreKeptApart_AndGoWithTheirLimits()
    {
        AbortLimit[] limits = [new() { Percent = 1, WindowSeconds = 600 }, new() { Percent = 1, WindowSeconds = 60 }, new() { Percent = 2, WindowSeconds = 60 }, new() { Percent = 3 }];

        IReadOnlyList<LimitWindow>? windows = LimitHistory.Remember(null, limits, new(), Start);
        windows!.Select(window => window.Seconds).ShouldBe([60, 600]);
        LimitHistory.Remember(windows, limits[..1], new(), Start)!.Select(window => window.Seconds).ShouldBe([600]);
        LimitHistory.Remember(windows, limits[3..], new(), Start).ShouldBeNull();
        LimitHistory.Remember(windows, null, new(), Start).ShouldBeNull();
    }

    /// <summary>Outcomes that were there at some look, with another look in a later slice, all before the window.</summary>
    private static long WhollyOutside(List<(DateTimeOffset At, long Answered)> seen, DateTimeOffset since, int seconds)
    {
        long slice = (seconds + LimitHistory.Slices - 1) / LimitHistory.Slices;
        DateTimeOffset last = seen.Select(look => look.At).LastOrDefault(at => at <= since.AddSeconds(-1), Start);
        return seen.LastOrDefault(look => look.At <= last.AddSeconds(-slice)).Answered;
    }

    private static void Play(int seconds, (int Milliseconds, int Answers)[] looks, Action<List<(DateTimeOffset At, long Answered)>, DateTimeOffset, long> check)
    {
        AbortLimit limit = new() { Percent = 1, WindowSeconds = seconds };
        List<(DateTimeOffset At, long Answered)> seen = [(Start, 0)];
        IReadOnlyList<LimitWindow>? windows = LimitHistory.Remember(null, [limit], new(), Start);
        foreach ((int milliseconds, int answers) in looks)
        {
            DateTimeOffset now = seen[^1].At.AddMilliseconds(milliseconds);
            seen.Add((now, seen[^1].Answered + answers));
            windows = LimitHistory.Remember(windows, [limit], new LimitTally { Attempted = seen[^1].Answered }, now);
            windows![0].Samples.Count.ShouldBeLessThanOrEqualTo(LimitHistory.Slices + 2);
            check(seen, now, LimitHistory.Before(windows, limit, now)?.Attempted ?? 0);
        }
    }
}
