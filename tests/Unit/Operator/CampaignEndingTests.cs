using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>How a campaign comes to its end, and what is said of it then.</summary>
public sealed class CampaignEndingTests : CampaignLife
{
    [Fact]
    public void AllDelivered_WritesTheTombstoneAndTakesTheOrderAway()
    {
        Pushed();
        Deliver(2);
        World.Settle();
        World.Settle();

        Tombstone end = World.Tombstones.ShouldHaveSingleItem();
        end.Outcome.ShouldBe(CampaignOutcome.Completed);
        end.Counts.Delivered.ShouldBe(32);
        World.Order.ShouldBeNull();
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        Condition("Complete").ShouldBe(("True", Reasons.Succeeded));
        Condition("Succeeded").ShouldBe(("True", Reasons.Succeeded));
    }

    [Fact]
    public void SomeFailed_IsPartialSuccess()
    {
        Pushed();
        World.Change(counts => counts with { Delivered = counts.Targeted - 1, Failed = 1, Pending = 0, InFlight = 0 });
        World.Settle();
        World.Settle();

        Condition("Complete").ShouldBe(("True", Reasons.PartiallySucceeded));
        Condition("Succeeded").ShouldBe(("False", Reasons.PartiallySucceeded));
    }

    [Fact]
    public void NobodyMatches_CompletesWithNoTargets()
    {
        World.Matching = 0;
        Start();
        World.Pass();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
        World.Settle();

        Condition("Complete").ShouldBe(("True", Reasons.NoTargets));
        Condition("Succeeded").ShouldBe(("True", Reasons.NoTargets));
    }

    [Fact]
    public void UntilExpiry_AllDelivered_GoesOnTakingNewcomersUntilTheEnd()
    {
        World.Edit(spec => spec with
        {
            Targets = spec.Targets with { NewVehicles = NewVehicles.UntilExpiry },
            Schedule = new Schedule { ExpireAt = World.Now.AddHours(1) },
        });
        Pushed();
        Deliver(2);
        World.Settle();
        World.Tombstones.ShouldBeEmpty();
        World.Order!.TakesNewVehicles.ShouldBeTrue();

        World.Now = World.Now.AddHours(1);
        WaitOut();
        World.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Completed);
    }

    [Fact]
    public void Abort_SentOnesGetTheirAckTime_PendingExpireAtOnce()
    {
        Start();
        World.Change(counts => counts with { Pending = 1, InFlight = 1 });
        World.Edit(spec => spec with { Abort = true });
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
        (World.Ledger!.Counts.Pending, World.Ledger.Counts.InFlight, World.Ledger.Counts.Expired).ShouldBe((0, 16, 16));
        World.Tombstones.ShouldBeEmpty();

        World.Now = World.Now.AddSeconds(30);
        World.Settle();
        World.Settle();
        World.Tombstones.ShouldHaveSingleItem().Counts.Expired.ShouldBe(32);
        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
        Condition("Succeeded").ShouldBe(("False", Reasons.Aborted));
    }

    [Fact]
    public void Expiry_EndsWhatIsOpen()
    {
        Pushed();
        World.Now = World.Now.AddDays(7);
        WaitOut();

        World.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Expired);
        World.Status.Phase.ShouldBe(CampaignPhase.Expired);
        World.Status.Counts!.Expired.ShouldBe(16);
    }

    [Fact]
    public void Cap_Reached_TheRestIsSuppressed()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxRecipients = 16 } });
        Start();
        World.Pass().Supervise.ShouldBeTrue();
        Deliver(1);
        World.Settle();

        World.Ledger!.Counts.Suppressed.ShouldBe(16);
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
        World.Settle();
        Condition("Succeeded").ShouldBe(("True", Reasons.Succeeded));
    }

    [Fact]
    public void Finished_ItsTimeAfterTheEndIsOver_IsDeleted()
    {
        World.Edit(spec => spec with { TtlSecondsAfterFinished = 60 });
        Pushed();
        Deliver(2);
        World.Settle();
        World.Settle();
        World.LastStep.ShouldNotBeOfType<CampaignStep.DeleteResource>();

        World.Now = World.Now.AddSeconds(60);
        World.Pass();

        World.LastStep.ShouldBeOfType<CampaignStep.DeleteResource>();
    }
}
