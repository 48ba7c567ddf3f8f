using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>32 targets, two in each of 16 shards: what happens to each shard's cars happens to 16.</summary>
public sealed class CampaignDryRunTests : CampaignLife
{
    public CampaignDryRunTests() => World.Edit(spec => spec with { DryRun = true });

    [Fact]
    public void Started_GateAndOrderAreOfADryRun_AndEverythingSaysSo()
    {
        PushCampaignStatus before = World.Status;
        Start();

        World.Ledger!.Pace!.ShouldSatisfyAllConditions(pace => pace.Open.ShouldBeTrue(), pace => pace.DryRun.ShouldBeTrue());
        World.Order!.DryRun.ShouldBeTrue();
        World.Status.DryRun.ShouldBe(true);
        World.Status.Message.ShouldBe("Dry run: 0 of 32 would have been told, nothing is sent");
        CampaignEvents.Between(before, World.Status).Single(told => told.Reason == Reasons.Started).Message.ShouldBe("Dry run of revision 1 for 32 targets");
    }

    [Fact]
    public void AllWouldHaveBeenTold_ItCompletes_WithNobodyDelivered()
    {
        Start();
        Rehearse(2);
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Counts!.ShouldSatisfyAllConditions(
            counts => counts.Delivered.ShouldBe(0), counts => counts.Suppressed.ShouldBe(32), counts => counts.Rehearsed.ShouldBe(32));
        World.Status.Message.ShouldBe("Dry run: 32 of 32 would have been told, nothing is sent");
        World.Status.Conditions!.Single(condition => condition.Type == "Complete").Message.ShouldStartWith("Dry run: ");
        World.Status.PercentDelivered.ShouldBe(0);
        World.Tombstones.ShouldHaveSingleItem().DryRun.ShouldBeTrue();
    }

    [Fact]
    public void SomeAreAway_TheyWouldBeToldLater()
    {
        Start();
        Rehearse(1);
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        World.Status.Message.ShouldBe("Dry run: 16 of 32 would have been told, nothing is sent; the others would be told when they come back");
    }

    [Fact]
    public void TheRealOne_FollowsWithAHigherRevision()
    {
        Start();
        Rehearse(1);
        WaitOut();
        World.Edit(spec => spec with { DryRun = false, Revision = 2 });
        WaitOut();
        World.PreviewedShards = 16;
        World.Settle();
        World.Freeze(16, World.Matching);
        World.Settle();

        World.Tombstones.Single().ShouldSatisfyAllConditions(end => end.Revision.ShouldBe(1), end => end.DryRun.ShouldBeTrue(), end => end.Reason.ShouldBe(Reasons.Superseded));
        World.Ledger!.Pace!.ShouldSatisfyAllConditions(pace => pace.Open.ShouldBeTrue(), pace => pace.DryRun.ShouldBeFalse());
        World.Order!.DryRun.ShouldBeFalse();
        World.Status.DryRun.ShouldBeNull();
        World.Status.Message.ShouldBe("0 of 32 delivered");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ChangedInMidRun_WhereTheServerLetsIt_NothingGoesOn(bool completed)
    {
        Start();
        Rehearse(completed ? 2 : 1);
        WaitOut();
        World.Edit(spec => spec with { DryRun = false });
        World.Settle();
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        World.Status.Message!.ShouldContain("dry run");
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        (World.Order?.Gate).ShouldNotBe(Gate.Open);
    }

    [Fact]
    public void Steps_GoOnWithoutAnAnswer_ForNobodyIsAsked()
    {
        World.Edit(spec => spec with { Rollout = new Rollout { Steps = [new RolloutStep { Count = 16, PauseSeconds = 5 }] } });
        Start();
        World.Tell(2, (counts, told) => counts with { Suppressed = counts.Suppressed + told, Rehearsed = counts.Rehearsed + told });
        World.Settle();
        World.Status.Steps![0].State.ShouldBe(StepState.Soaking);
        WaitOut();

        World.Status.CurrentStep.ShouldBe(2);
        World.Status.Steps![0].ShouldSatisfyAllConditions(step => step.State.ShouldBe(StepState.Done), step => step.Attempted.ShouldBe(16), step => step.Delivered.ShouldBe(0));
    }

    [Fact]
    public void Ramp_GrowsWithTheCarsThatWouldHaveBeenTold()
    {
        World.Edit(spec => spec with { Pace = new() { MaxPerSecond = 100, Ramp = new Ramp { BasePerSecond = 1, Factor = 2, EveryDelivered = 16 } } });
        Start();
        Rehearse(1);
        World.Settle();

        World.Ledger!.Pace!.RatePerSecond.ShouldBe(2);
    }

    [Fact]
    public void AnApprovalOfTheDryRun_IsNoneForTheRealOne()
    {
        string before = World.Observe().SpecHash;
        World.Edit(spec => spec with { DryRun = false });

        World.Observe().SpecHash.ShouldNotBe(before);
    }

    private void Rehearse(int each) =>
        World.Change(counts => counts with { Suppressed = each, Rehearsed = each, Pending = counts.Targeted - each });
}
