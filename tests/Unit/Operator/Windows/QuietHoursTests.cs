using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;
using Hours = PushPlatform.Delivery.Orders.QuietHours;

namespace PushPlatform.Tests.Unit.Operator.Windows;

/// <summary>Quiet hours are the nodes' to judge; the operator tells them, and tells people how many cars wait.</summary>
public sealed class QuietHoursTests : CampaignLife
{
    public QuietHoursTests() => World.Edit(spec => spec with { Schedule = new Schedule { QuietHours = new QuietHours { From = "22:00", To = "06:30:05", TimeZone = "Europe/Berlin" } } });

    [Fact]
    public void TheNodesAreTold()
    {
        Start();

        World.Order!.QuietHours.ShouldBe(new Hours { FromSecond = 22 * 3600, ToSecond = (6 * 3600) + (30 * 60) + 5, TimeZone = "Europe/Berlin" });
    }

    [Fact]
    public void AllThatMayBeDisturbedWereTold_IsPushed_AndSaysHowManyWait()
    {
        Start();
        World.QuietOnNodes = 16;
        Deliver(1);
        World.Settle();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        World.Status.InQuietHours.ShouldBe(16);
        World.Status.Message.ShouldBe("16 of 32 delivered; the others are told when they come back; 16 wait for their quiet hours to end");
        Condition("Pushed").Item1.ShouldBe("True");
    }

    [Fact]
    public void ChangedWhileItRuns_ReachesTheNodes_AndTakenAwayIsGone()
    {
        Start();
        World.Edit(spec => spec with { Schedule = new Schedule() });
        World.Settle();

        World.Order!.QuietHours.ShouldBeNull();
        World.Status.InQuietHours.ShouldBeNull();
    }

    [Fact]
    public void BeforeTheStart_AndAtTheEnd_NobodyIsCounted()
    {
        Preview();
        World.Settle();
        World.Status.InQuietHours.ShouldBeNull();

        Start();
        Deliver(2);
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.InQuietHours.ShouldBeNull();
    }
}
