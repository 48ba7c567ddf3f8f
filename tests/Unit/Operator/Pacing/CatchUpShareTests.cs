using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Pacing;

public sealed class CatchUpShareTests : CampaignLife
{
    [Fact]
    public void TheShare_IsThePacesAndTheNodes_AndMayBeChanged()
    {
        World.Edit(spec => spec with { Pace = new Pace { CatchUpPercent = 20 } });
        Start();
        World.Ledger!.Pace!.CatchUpPercent.ShouldBe(20);
        World.Order!.Delivery.CatchUpPercent.ShouldBe(20);
        World.Ledger.Pace.Supervised.ShouldBeFalse("the nodes keep it without an operator");

        World.Edit(spec => spec with { Pace = new Pace() });
        World.Settle();
        World.Ledger!.Pace!.CatchUpPercent.ShouldBe(100);
        World.Order!.Delivery.CatchUpPercent.ShouldBe(100);
    }
}
