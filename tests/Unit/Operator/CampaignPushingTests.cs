using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>While the gate is open, and while a person holds it.</summary>
public sealed class CampaignPushingTests : CampaignLife
{
    [Fact]
    public void Suspend_InFullFlight_ClosesPaceBeforeTheOrderInOneStep_AndOpensAgain()
    {
        Start();
        World.Edit(spec => spec with { Suspend = true });
        World.Pass();
        World.LastStep.ShouldBeOfType<CampaignStep.Align>().Pace!.Open.ShouldBeFalse();
        World.Order!.Gate.ShouldBe(Gate.Paused);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Suspended);

        World.Edit(spec => spec with { Suspend = false });
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Order!.Gate.ShouldBe(Gate.Open);
    }

    [Fact]
    public void PaceChanged_InFullFlight_OnlyThePaceIsWritten()
    {
        Start();
        long seq = World.Order!.Seq;
        World.Edit(spec => spec with { Pace = new PushPlatform.Operator.Api.Pace { MaxPerSecond = 7 } });
        World.Settle();

        World.Ledger!.Pace!.RatePerSecond.ShouldBe(7);
        World.Order!.Seq.ShouldBe(seq);
    }

    [Fact]
    public void GateOpenedByAStranger_WhileSuspended_IsClosedAgain()
    {
        Start();
        World.Edit(spec => spec with { Suspend = true });
        World.Settle();
        World.ActPace(World.Ledger!.Pace! with { Open = true });

        World.Pass();

        World.Ledger!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public void Pushed_NodesSayNothingIsOpenTwice_NewcomersAreNoLongerTaken()
    {
        Start();
        World.OpenOnNodes = 3;
        Deliver(1);
        World.Settle();
        World.OpenOnNodes = 0;
        World.Pass();
        Condition("Pushed").ShouldBe(("False", Reasons.Pushing));

        World.Now = World.Now.AddSeconds(1);
        World.Pass();

        Condition("Pushed").ShouldBe(("True", Reasons.OnlineSettled));
        World.Order!.TakesNewVehicles.ShouldBeFalse();
        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        World.Status.PercentDelivered.ShouldBe(50);
    }

    [Fact]
    public void Pushed_CountersMovedBetweenTheTwoLooks_IsNotTakenForQuiet()
    {
        Start();
        World.Pass();
        World.Now = World.Now.AddSeconds(1);
        Deliver(1);
        World.Pass();

        Condition("Pushed").ShouldBe(("False", Reasons.Pushing));
    }

    [Fact]
    public void Pushed_CarsComeBackLater_StaysPushed()
    {
        Pushed();
        World.OpenOnNodes = 5;
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        World.Order!.TakesNewVehicles.ShouldBeFalse();
    }

    [Fact]
    public void NoLimit_IsNotSupervised_SoThatItGoesOnWithoutTheOperator()
    {
        Start();

        World.Pass().Supervise.ShouldBeFalse();
        World.Ledger!.Pace!.Supervised.ShouldBeFalse();
    }
}
