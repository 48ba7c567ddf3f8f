using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Pacing;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Pacing;

public sealed class RampPlanTests : CampaignLife
{
    private static readonly Gen<Pace> Paces =
        from most in Gen.Choose(1, 100_000)
        from part in Gen.Choose(1, most)
        from tenths in Gen.Choose(11, 100)
        from every in Gen.Choose(1, 5000)
        select new Pace { MaxPerSecond = most, Ramp = new Ramp { BasePerSecond = part, Factor = tenths / 10.0, EveryDelivered = every } };

    [Theory]
    [InlineData(0, 10)]
    [InlineData(99, 10)]
    [InlineData(100, 15)]
    [InlineData(200, 22)]
    [InlineData(300, 33)]
    [InlineData(1000, 500)]
    [InlineData(100_000_000, 500)]
    public void RateAt_TenTimesOneAndAHalfForEachHundred(long delivered, int rate) =>
        RampPlan.RateAt(new Pace { MaxPerSecond = 500, Ramp = new Ramp { BasePerSecond = 10, Factor = 1.5, EveryDelivered = 100 } }, delivered).ShouldBe(rate);

    [Fact]
    public void RateAt_NoRamp_IsTheMaximum() => RampPlan.RateAt(new Pace { MaxPerSecond = 7 }, 0).ShouldBe(7);

    [Fact]
    public void RateAt_AnyRamp_NeverFalls_AndStaysFromBaseToMaximum() =>
        Prop.ForAll(Paces.ToArbitrary(), Gen.Choose(0, 100_000).Two().ToArbitrary(), (pace, delivered) =>
        {
            int fewer = RampPlan.RateAt(pace, Math.Min(delivered.Item1, delivered.Item2));
            int more = RampPlan.RateAt(pace, Math.Max(delivered.Item1, delivered.Item2));

            more.ShouldBeGreaterThanOrEqualTo(fewer);
            fewer.ShouldBeGreaterThanOrEqualTo(pace.Ramp!.BasePerSecond);
            more.ShouldBeLessThanOrEqualTo(pace.MaxPerSecond);
            RampPlan.RateAt(pace, pace.Ramp.EveryDelivered - 1).ShouldBe(pace.Ramp.BasePerSecond);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Campaign_GoesFasterAsItDelivers_AlsoWithANewOperator()
    {
        World.Edit(spec => spec with { Pace = new Pace { MaxPerSecond = 40, Ramp = new Ramp { BasePerSecond = 10, EveryDelivered = 16 } } });
        Start();
        World.Ledger!.Pace!.RatePerSecond.ShouldBe(10);

        Deliver(1);
        World.Crash();
        World.Settle();
        World.Ledger!.Pace!.RatePerSecond.ShouldBe(20);
        World.Ledger.Pace.Supervised.ShouldBeFalse("without an operator it only goes on as fast as it went");
    }
}
