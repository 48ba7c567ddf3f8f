using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Gates;

/// <summary>More cars match than a person meant to reach.</summary>
public sealed class BlastRadiusTests : CampaignLife
{
    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    public void Preview_MoreThanMeant_NobodyIsTold_UntilItIsRaised(int most, bool held)
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = most } });
        Preview();
        World.Settle();

        (World.Ledger is null).ShouldBe(held);
        World.Status.Phase.ShouldBe(held ? CampaignPhase.Paused : CampaignPhase.Previewing);
        if (held)
        {
            Condition("Paused").ShouldBe(("True", Reasons.TooManyTargets));
            Condition("Ready").ShouldBe(("True", Reasons.Accepted));
            World.Status.Message!.ShouldContain("32 cars match");

            World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 32 } });
            World.Settle();
            World.Ledger.ShouldNotBeNull();
            World.Status.Conditions!.ShouldNotContain(condition => condition.Type == "Paused");
        }
    }

    [Fact]
    public void MoreCameUntilTheFreeze_NobodyIsTold()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 32 } });
        Preview();
        World.Settle();
        World.Freeze(16, 48);
        World.Settle();

        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
        World.Status.Message!.ShouldContain("48 cars matched");
        World.Status.Message!.ShouldContain("raise spec.revision");
    }

    [Fact]
    public void NewcomersWhileItIsPushed_HoldNothing()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 32 } });
        Start();
        Deliver(1);
        World.Change(counts => counts with { Targeted = counts.Targeted + 5, Pending = counts.Pending + 5 });
        World.Settle();

        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }

    [Fact]
    public void Events_HeldAndLetGo_AreToldOnce()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 31 } });
        Preview();
        PushCampaignStatus before = World.Status;
        World.Settle();
        PushCampaignStatus held = World.Status;
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 32 } });
        World.Settle();

        CampaignEvents.Between(before, held).Select(told => told.Reason).ShouldContain(Reasons.Paused);
        CampaignEvents.Between(held, held).ShouldBeEmpty();
        CampaignEvents.Between(held, World.Status).Single(told => told.Reason == Reasons.Resumed).Message.ShouldContain(Reasons.TooManyTargets);
    }
}
