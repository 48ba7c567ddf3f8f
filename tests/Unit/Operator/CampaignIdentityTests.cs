using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>Which ledger is whose: revisions, re-creation, other owners, deletion, loss (G9, G10).</summary>
public sealed class CampaignIdentityTests : CampaignLife
{
    [Fact]
    public void HigherRevision_ClosesTheOldOrderFirst_ThenBeginsAnew()
    {
        Start();
        World.PreviewedShards = 0;
        World.Edit(spec => spec with { Revision = 2, Patch = spec.Patch with { Version = "3" } });
        World.Pass();
        World.LedgerOf(1)!.Pace!.Open.ShouldBeFalse();
        World.LedgerOf(2).ShouldBeNull();

        WaitOut();

        Tombstone old = World.Tombstones.ShouldHaveSingleItem();
        (old.Revision, old.Reason, old.Counts.Expired).ShouldBe((1, Reasons.Superseded, 32));
        World.Order!.Revision.ShouldBe(2);
        World.Order.Gate.ShouldBe(Gate.Preview);
        World.Status.Revision.ShouldBe(2);
        Condition("Pushed").ShouldBe(("False", Reasons.NotStarted));
    }

    [Fact]
    public void ContentChangedWithoutARevision_IsRefused_AndTheGateCloses()
    {
        Start();
        World.Edit(spec => spec with { Patch = spec.Patch with { Version = "3" } });
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Order!.Gate.ShouldBe(Gate.Paused);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public void LedgerLost_WholeOrOneShard_StopsAndNeverStartsOver(int? shard)
    {
        Start();
        World.Lose(shard);
        World.Settle();
        Condition("Stalled").ShouldBe(("True", Reasons.LedgerLost));
        World.Order!.Gate.ShouldBe(Gate.Closed);
        (World.Ledger?.Pace?.Open ?? false).ShouldBeFalse();

        World.Crash();
        World.Now = World.Now.AddHours(1);
        World.Settle();
        Condition("Stalled").ShouldBe(("True", Reasons.LedgerLost));
        World.LastStep.ShouldBeOfType<CampaignStep.None>();
    }

    [Fact]
    public void RecreatedAfterItsEnd_SameContent_SendsNothing()
    {
        Pushed();
        Deliver(2);
        World.Settle();
        World.Campaign = CampaignWorld.NewCampaign("uid-2");
        World.Crash();
        World.Settle();

        World.Order.ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Counts!.Delivered.ShouldBe(32);
        CampaignEvent told = CampaignEvents.Between(new PushCampaignStatus(), World.Status).ShouldHaveSingleItem();
        (told.Reason, told.Type).ShouldBe((Reasons.AlreadyPushed, EventType.Normal));
        told.Message.ShouldEndWith("nothing is sent; raise spec.revision to push again");
    }

    [Fact]
    public void RecreatedAfterItsEnd_OtherContent_IsRefused()
    {
        Pushed();
        Deliver(2);
        World.Settle();
        World.Campaign = CampaignWorld.NewCampaign("uid-2", World.Campaign!.Spec with { Patch = new Patch { Id = "brake", Version = "9" } });
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        World.Order.ShouldBeNull();
    }

    /// <summary>Else it would stand in the way of others of its patch, for as long as nobody looks.</summary>
    [Theory]
    [InlineData("gone")]
    [InlineData("read anew")]
    [InlineData("edited")]
    public void RecreatedAfterItsEnd_ItsListChangesAfterwards_StaysFinished(string story)
    {
        World.Edit(spec => spec with { Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        Pushed();
        Deliver(2);
        World.Settle();
        World.Campaign = CampaignWorld.NewCampaign("uid-2", World.Campaign!.Spec);
        World.Lists = new TargetLists { Progress = "reading list 1 of 1, 0 vids so far" };
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Previewing, "nobody knows yet whether it is the same");
        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);

        World.Crash();
        World.Lists = story switch
        {
            "gone" => new TargetLists { Obstacle = new Obstacle(Reasons.ListNotFound, "there is no ConfigMap l in this namespace", NeedsPerson: false) },
            "read anew" => new TargetLists { Progress = "reading list 1 of 1, 0 vids so far" },
            _ => CampaignWorld.ListsOf("other", "x"),
        };
        World.Settle();
        (World.Status.Phase, Condition("Complete"), World.Order).ShouldBe((CampaignPhase.Completed, ("True", Reasons.Succeeded), null));
        Rival.Of(World.Campaign).Competes.ShouldBeFalse();
        CampaignObserver.NeedsLists(World.Observe()).ShouldBeFalse("the space that lists take is for those that wait");
    }

    [Fact]
    public void RecreatedAtALowerRevision_IsRefused()
    {
        World.Edit(spec => spec with { Revision = 5 });
        Pushed();
        Deliver(2);
        World.Settle();
        World.Campaign = CampaignWorld.NewCampaign("uid-2");
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        World.Order.ShouldBeNull();
    }

    [Fact]
    public void AnotherLivingCampaignHasTheId_IsRefused_AndTouchesNothing()
    {
        Start();
        Order order = World.Order!;
        World.Campaign = CampaignWorld.NewCampaign("uid-2");
        World.OtherOwnerLives = true;
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.CampaignIdInUse));
        World.Order.ShouldBe(order);
        World.Ledger!.Pace!.Open.ShouldBeTrue();
    }

    [Fact]
    public void TheOtherOwnerIsGone_ItsLeftoversAreClosed()
    {
        Start();
        World.Campaign = CampaignWorld.NewCampaign("uid-2");
        World.Pass();

        World.LastStep.ShouldBeOfType<CampaignStep.CloseOrphan>();
    }

    [Fact]
    public void Deleted_InFullFlight_IsReleasedWithATombstone_OnlyAfterTheGateIsClosed()
    {
        Start();
        World.Delete();
        CampaignDecision first = World.Pass();
        first.Released.ShouldBeFalse();
        World.Ledger!.Pace!.Open.ShouldBeFalse();

        WaitOut();

        World.Pass().Released.ShouldBeTrue();
        World.Tombstones.ShouldHaveSingleItem().Reason.ShouldBe(Reasons.Deleted);
        World.Order.ShouldBeNull();
    }

    [Fact]
    public void Deleted_BeforeAnythingWasSent_LeavesNoTrace()
    {
        Preview();
        World.Delete();
        World.Settle();

        World.Pass().Released.ShouldBeTrue();
        World.Tombstones.ShouldBeEmpty();
        World.Order.ShouldBeNull();
    }

    [Fact]
    public void RedisComesBackEmpty_AfterTheEnd_FinishedStaysFinished()
    {
        Pushed();
        Deliver(2);
        World.Settle();
        World.Settle();
        PushCampaignStatus status = World.Status;
        var empty = new CampaignWorld { Campaign = World.Campaign, Now = World.Now };
        empty.Settle();

        empty.Order.ShouldBeNull();
        empty.Status.Phase.ShouldBe(CampaignPhase.Completed);
        empty.Status.Counts.ShouldBe(status.Counts);
    }
}
