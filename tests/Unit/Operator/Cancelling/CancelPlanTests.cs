using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Cancelling;

/// <summary>A campaign that is taken back.</summary>
public sealed class CancelPlanTests : CampaignLife
{
    [Fact]
    public void Cancel_WhilePushing_EndsIt_AndThenTellsThoseWhoHaveIt()
    {
        Pushed();
        Cancel();

        Tombstone end = World.Tombstones.ShouldHaveSingleItem();
        (end.Outcome, end.Reason, end.Counts.Pending).ShouldBe((CampaignOutcome.Aborted, Reasons.Cancelled, 0));
        ShouldBeTelling();
        World.Order!.Notice.ShouldBeEmpty("nobody can be told of the patch by it");
        (World.Status.Phase, World.Status.Outcome, World.Status.AbortReason).ShouldBe((CampaignPhase.Aborted, Outcome.Aborted, Reasons.Cancelled));
        Condition("Complete").ShouldBe(("True", Reasons.Cancelled));
        (World.Status.Counts!.Cancelling, World.Status.Counts.Cancelled).ShouldBe((16, 0));
    }

    [Fact]
    public void EveryoneHasAnswered_TheTellingIsOver_AndTheCountsStay()
    {
        Pushed();
        Cancel();
        World.Forget(1);
        WaitOut();

        ShouldNotTell();
        (World.Status.Counts!.Cancelling, World.Status.Counts.Cancelled, World.Status.Counts.Delivered).ShouldBe((0, 16, 16));
        World.Status.Message.ShouldBe("Cancelled: 16 of 32 delivered; 16 have forgotten it");
        World.Settle();
        World.LastStep.ShouldBeOfType<CampaignStep.None>();
    }

    [Fact]
    public void Cancel_AfterItsEnd_IsShownAsCancelled_AndTells()
    {
        Pushed();
        Deliver(2);
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);

        Cancel();

        ShouldBeTelling();
        (World.Status.Phase, World.Status.AbortReason).ShouldBe((CampaignPhase.Aborted, Reasons.Cancelled));
        Condition("Succeeded").ShouldBe(("False", Reasons.Cancelled));
        World.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Completed, "what was written first stays");
        World.Forget(2);
        WaitOut();
        ShouldNotTell();
        (World.Status.Phase, World.Status.Counts!.Cancelled).ShouldBe((CampaignPhase.Aborted, 32));
    }

    [Fact]
    public void Cancel_BeforeTheStart_TellsNobody()
    {
        Preview();
        Cancel();

        World.Status.AbortReason.ShouldBe(Reasons.Cancelled);
        (World.Ledger, World.Order).ShouldBe((null, null));
    }

    [Fact]
    public void TimeIsOver_TheTellingEnds_WithCarsThatHaveNotAnswered()
    {
        Pushed();
        Cancel();
        World.Now = World.Now.AddDays(7);
        WaitOut();

        ShouldNotTell();
        World.Status.Counts!.Cancelling.ShouldBe(16);
        World.Status.Message.ShouldBe("Cancelled: 16 of 32 delivered; 0 have forgotten it, 16 have not answered");
    }

    [Fact]
    public void Cancel_AfterItExpired_ChangesNothing()
    {
        Pushed();
        World.Now = World.Now.AddDays(7);
        WaitOut();
        Cancel();

        World.Status.Phase.ShouldBe(CampaignPhase.Expired);
        ShouldNotTell();
    }

    [Fact]
    public void Suspended_TheTellingWaits()
    {
        Pushed();
        Cancel();
        World.Edit(spec => spec with { Suspend = true });
        World.Settle();
        World.Ledger!.Pace!.IsShut.ShouldBeTrue();

        World.Edit(spec => spec with { Suspend = false });
        World.Settle();
        ShouldBeTelling();
    }

    [Fact]
    public void HigherRevision_EndsTheTellingBeforeItBegins()
    {
        Pushed();
        Cancel();
        World.Edit(spec => spec with { Revision = 2, Cancel = false, Patch = spec.Patch with { Version = "3" } });
        World.Pass();

        World.LedgerOf(1)!.Pace!.IsShut.ShouldBeTrue();
        World.Order.ShouldBeNull();
        Condition("Reconciling").ShouldBe(("True", Reasons.Ending));
        Condition("Complete").ShouldBe(("False", Reasons.InProgress), "it is not over for whoever waits for revision 2");
        World.PreviewedShards = 0;
        Start();
        World.Order.ShouldNotBeNull();
        (World.Order.Revision, World.Order.Gate).ShouldBe((2, Gate.Open));
    }

    [Fact]
    public void Deleted_EndsTheTellingFirst()
    {
        Pushed();
        Cancel();
        World.Delete();
        World.Pass().Released.ShouldBeFalse();

        ShouldNotTell();
        World.Pass().Released.ShouldBeTrue();
    }

    [Fact]
    public void LedgerLost_NobodyIsToldAnyMore()
    {
        Pushed();
        Cancel();
        World.Lose(5);
        World.Settle();

        World.Order.ShouldBeNull();
        World.Status.AbortReason.ShouldBe(Reasons.Cancelled);
    }

    [Fact]
    public void MadeAgain_TellsNobody()
    {
        Pushed();
        Cancel();
        World.Order = null;
        World.Campaign = CampaignWorld.NewCampaign("uid-2", World.Campaign!.Spec);
        World.Crash();
        World.Settle();

        World.Order.ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
    }

    private void Cancel()
    {
        World.Edit(spec => spec with { Cancel = true });
        World.Settle();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
        World.Settle();
    }

    private void ShouldBeTelling()
    {
        World.Order.ShouldNotBeNull();
        (World.Order.Gate, World.Order.Cancels).ShouldBe((Gate.Paused, true));
        World.Ledger!.Shards.ShouldAllBe(shard => shard!.Marked);
        (World.Ledger.Pace!.Open, World.Ledger.Pace.Cancels).ShouldBe((false, true));
    }

    private void ShouldNotTell()
    {
        World.Order.ShouldBeNull();
        World.Ledger!.Pace!.IsShut.ShouldBeTrue();
    }
}
