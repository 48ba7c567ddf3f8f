using PushPlatform.PushNode.Connections;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Connections;

public sealed class LivenessTests
{
    [Theory]
    [InlineData(5, 10)]
    [InlineData(60, 10)]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    public void ALinkThatFallsSilent_IsDeadWithinIntervalAndTimeout_AtAnyMoment(int interval, int timeout)
    {
        TimeSpan bound = TimeSpan.FromSeconds(interval + timeout);
        for (int silentAfterMs = 0; silentAfterMs <= 3 * interval * 1000; silentAfterMs += 250)
        {
            TimeSpan silentAt = TimeSpan.FromMilliseconds(silentAfterMs);
            TimeSpan dead = DeathOf(TimeSpan.FromSeconds(interval), TimeSpan.FromSeconds(timeout), silentAt);

            dead.ShouldBeGreaterThan(silentAt + TimeSpan.FromSeconds(timeout) - TimeSpan.FromTicks(1), "it had its time-out");
            dead.ShouldBeLessThanOrEqualTo(silentAt + bound);
        }
    }

    [Fact]
    public void ALinkThatAnswers_LivesOn_AndIsPingedEachInterval()
    {
        Liveness liveness = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        liveness.Start(TimeSpan.FromSeconds(2));
        List<double> pings = [];
        TimeSpan now = TimeSpan.Zero;
        while (now < TimeSpan.FromSeconds(60))
        {
            LivenessVerdict verdict = liveness.Judge(now, out TimeSpan wait);
            verdict.ShouldNotBe(LivenessVerdict.Dead);
            if (verdict == LivenessVerdict.Ping)
            {
                pings.Add(now.TotalSeconds);
                liveness.Heard();
            }

            now += wait;
        }

        pings.ShouldBe([2, 7, 12, 17, 22, 27, 32, 37, 42, 47, 52, 57]);
    }

    /// <summary>Looks just when asked to; the vehicle answers every ping at once until it falls silent.</summary>
    private static TimeSpan DeathOf(TimeSpan interval, TimeSpan timeout, TimeSpan silentAt)
    {
        Liveness liveness = new(interval, timeout);
        liveness.Start(interval / 2);
        TimeSpan now = TimeSpan.Zero;
        while (true)
        {
            switch (liveness.Judge(now, out TimeSpan wait))
            {
                case LivenessVerdict.Dead:
                    return now;
                case LivenessVerdict.Ping when now < silentAt:
                    liveness.Heard();
                    break;
                default:
                    break;
            }

            wait.ShouldBeGreaterThan(TimeSpan.Zero);
            now += wait;
        }
    }
}
