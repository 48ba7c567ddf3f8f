using FsCheck;
using FsCheck.Fluent;
using PushPlatform.PushNode.Connections;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Connections;

public sealed class FrameBudgetTests
{
    [Fact]
    public void Spend_ABurst_CostsNoPause_AndTheNextFrameDoes()
    {
        FrameBudget budget = default;
        for (int i = 0; i < FrameBudget.Burst; i++)
        {
            budget.Spend(TimeSpan.FromSeconds(5)).ShouldBe(TimeSpan.Zero);
        }

        budget.Spend(TimeSpan.FromSeconds(5)).ShouldBe(TimeSpan.FromSeconds(1.0 / FrameBudget.PerSecond));
    }

    [Fact]
    public void Spend_AVehicleThatKeepsToTheRate_NeverPauses() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(),
        seed =>
        {
            Random random = new(seed.Get);
            FrameBudget budget = default;
            TimeSpan now = TimeSpan.FromSeconds(random.Next(100));
            for (int i = 0; i < 500; i++)
            {
                now += TimeSpan.FromSeconds((1.0 + random.NextDouble()) / FrameBudget.PerSecond);
                budget.Spend(now).ShouldBe(TimeSpan.Zero);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Spend_WhoWaitsAsTold_HasNoMoreThanBurstAndRate_InAnyTime() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(),
        seed =>
        {
            Random random = new(seed.Get);
            FrameBudget budget = default;
            TimeSpan now = TimeSpan.FromSeconds(1);
            List<TimeSpan> read = [];
            while (read.Count < 2000)
            {
                now += random.Next(50) == 0 ? TimeSpan.FromSeconds(random.NextDouble() * 3) : TimeSpan.Zero;
                read.Add(now);
                now += budget.Spend(now);
            }

            for (int from = 0; from < read.Count; from += 97)
            {
                for (int to = from; to < read.Count; to += 89)
                {
                    (to - from).ShouldBeLessThanOrEqualTo(FrameBudget.Burst + 1 + (int)Math.Ceiling((read[to] - read[from]).TotalSeconds * FrameBudget.PerSecond));
                }
            }
        }).QuickCheckThrowOnFailure();
}
