using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>The plan, played through phase by phase.</summary>
public sealed class CampaignLifeTests
{
    private readonly CampaignWorld _world = new();

    [Fact]
    public void NewCampaign_ItsPoolExists_AsksTheNodesForAPreview()
    {
        _world.Pass();

        _world.Order!.Gate.ShouldBe(Gate.Preview);
        _world.Ledger.ShouldBeNull();
        _world.Status.Phase.ShouldBe(CampaignPhase.Previewing);
    }

    [Fact]
    public void NewCampaign_ItsPoolIsMissing_WaitsAndGoesOnWhenItAppears()
    {
        _world.PoolExists = false;
        _world.Pass();
        _world.Order.ShouldBeNull();
        Condition("Ready").ShouldBe(("False", Reasons.PoolNotFound));

        _world.PoolExists = true;
        _world.Pass();
        _world.Order.ShouldNotBeNull();
        Condition("Ready").ShouldBe(("True", Reasons.Accepted));
    }

    [Fact]
    public void InvalidSpec_NothingIsSent_AllFaultsAreInTheMessage()
    {
        _world.Faults = ["spec.targets: say who is meant", "spec.pace.maxPerSecond: must be at least 1"];
        _world.Settle();

        _world.Order.ShouldBeNull();
        Condition("Stalled").ShouldBe(("True", Reasons.InvalidSpec));
        _world.Status.Message!.ShouldContain("say who is meant");
        _world.Status.Message!.ShouldContain("maxPerSecond");
    }

    [Fact]
    public void Preview_FifteenOfSixteenShards_IsNotReady()
    {
        _world.Pass();
        _world.PreviewedShards = 15;
        _world.Pass();

        _world.Status.Preview.ShouldBeNull();
        _world.Ledger.ShouldBeNull();
    }

    [Fact]
    public void SuspendedFromTheStart_ShowsThePreview_AndMakesNoLedger()
    {
        _world.Edit(spec => spec with { Suspend = true });
        Preview();
        _world.Settle();

        _world.Status.Phase.ShouldBe(CampaignPhase.Suspended);
        _world.Status.Preview!.Matched.ShouldBe(32);
        _world.Status.Preview.Online.ShouldBe(20);
        _world.Status.Preview.Offline.ShouldBe(12);
        _world.Ledger.ShouldBeNull();
        Condition("Suspended").ShouldBe(("True", Reasons.SuspendedByUser));
    }

    [Fact]
    public void Scheduled_WaitsForItsTime_ThenStarts()
    {
        _world.Edit(spec => spec with { Schedule = new Schedule { StartAt = _world.Now.AddMinutes(5) } });
        Preview();
        _world.Settle();
        _world.Status.Phase.ShouldBe(CampaignPhase.Scheduled);
        _world.Ledger.ShouldBeNull();

        _world.Now = _world.Now.AddMinutes(5);
        _world.Pass();
        _world.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void Start_TheLedgerIdIsInTheStatus_BeforeAnyNodeHearsOfIt()
    {
        Preview();
        _world.Pass();
        _world.Ledger.ShouldNotBeNull();
        _world.Order!.LedgerId.ShouldBe("");

        _world.Pass();
        _world.Status.Ledger!.Id.ShouldBe(_world.Ledger!.LedgerId);
        _world.Order!.Gate.ShouldBe(Gate.Preview);

        _world.Pass();
        _world.Order!.Gate.ShouldBe(Gate.Freeze);
        _world.Ledger!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public void Freeze_AllShardsDone_OpensPaceAndOrder()
    {
        Start();

        _world.Ledger!.Pace!.Open.ShouldBeTrue();
        _world.Ledger.Pace.RatePerSecond.ShouldBe(100);
        _world.Order!.Gate.ShouldBe(Gate.Open);
        _world.Order.TakesNewVehicles.ShouldBeTrue();
        _world.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        _world.Status.Message.ShouldBe("0 of 32 delivered");
    }

    [Fact]
    public void Suspend_InFullFlight_ClosesPaceBeforeTheOrderInOneStep_AndOpensAgain()
    {
        Start();
        _world.Edit(spec => spec with { Suspend = true });
        _world.Pass();
        _world.LastStep.ShouldBeOfType<CampaignStep.Align>().Pace!.Open.ShouldBeFalse();
        _world.Order!.Gate.ShouldBe(Gate.Paused);
        _world.Settle();
        _world.Status.Phase.ShouldBe(CampaignPhase.Suspended);

        _world.Edit(spec => spec with { Suspend = false });
        _world.Settle();
        _world.Ledger!.Pace!.Open.ShouldBeTrue();
        _world.Order!.Gate.ShouldBe(Gate.Open);
    }

    [Fact]
    public void PaceChanged_InFullFlight_OnlyThePaceIsWritten()
    {
        Start();
        long seq = _world.Order!.Seq;
        _world.Edit(spec => spec with { Pace = new PushPlatform.Operator.Api.Pace { MaxPerSecond = 7 } });
        _world.Settle();

        _world.Ledger!.Pace!.RatePerSecond.ShouldBe(7);
        _world.Order!.Seq.ShouldBe(seq);
    }

    [Fact]
    public void GateOpenedByAStranger_WhileSuspended_IsClosedAgain()
    {
        Start();
        _world.Edit(spec => spec with { Suspend = true });
        _world.Settle();
        _world.ActPace(_world.Ledger!.Pace! with { Open = true });

        _world.Pass();

        _world.Ledger!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public void Pushed_NodesSayNothingIsOpenTwice_NewcomersAreNoLongerTaken()
    {
        Start();
        _world.OpenOnNodes = 3;
        Deliver(1);
        _world.Settle();
        _world.OpenOnNodes = 0;
        _world.Pass();
        Condition("Pushed").ShouldBe(("False", Reasons.Pushing));

        _world.Now = _world.Now.AddSeconds(1);
        _world.Pass();

        Condition("Pushed").ShouldBe(("True", Reasons.OnlineSettled));
        _world.Order!.TakesNewVehicles.ShouldBeFalse();
        _world.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        _world.Status.PercentDelivered.ShouldBe(50);
    }

    [Fact]
    public void Pushed_CountersMovedBetweenTheTwoLooks_IsNotTakenForQuiet()
    {
        Start();
        _world.Pass();
        _world.Now = _world.Now.AddSeconds(1);
        Deliver(1);
        _world.Pass();

        Condition("Pushed").ShouldBe(("False", Reasons.Pushing));
    }

    [Fact]
    public void Pushed_CarsComeBackLater_StaysPushed()
    {
        Pushed();
        _world.OpenOnNodes = 5;
        _world.Settle();

        _world.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
        _world.Order!.TakesNewVehicles.ShouldBeFalse();
    }

    [Fact]
    public void AllDelivered_WritesTheTombstoneAndTakesTheOrderAway()
    {
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Settle();

        Tombstone end = _world.Tombstones.ShouldHaveSingleItem();
        end.Outcome.ShouldBe(CampaignOutcome.Completed);
        end.Counts.Delivered.ShouldBe(32);
        _world.Order.ShouldBeNull();
        _world.Ledger!.Pace!.Open.ShouldBeFalse();
        _world.Status.Phase.ShouldBe(CampaignPhase.Completed);
        Condition("Complete").ShouldBe(("True", Reasons.Succeeded));
        Condition("Succeeded").ShouldBe(("True", Reasons.Succeeded));
    }

    [Fact]
    public void SomeFailed_IsPartialSuccess()
    {
        Pushed();
        _world.Change(counts => counts with { Delivered = counts.Targeted - 1, Failed = 1, Pending = 0, InFlight = 0 });
        _world.Settle();
        _world.Settle();

        Condition("Complete").ShouldBe(("True", Reasons.PartiallySucceeded));
        Condition("Succeeded").ShouldBe(("False", Reasons.PartiallySucceeded));
    }

    [Fact]
    public void NobodyMatches_CompletesWithNoTargets()
    {
        _world.Matching = 0;
        Start();
        _world.Pass();
        _world.Now = _world.Now.AddSeconds(1);
        _world.Settle();
        _world.Settle();

        Condition("Complete").ShouldBe(("True", Reasons.NoTargets));
        Condition("Succeeded").ShouldBe(("True", Reasons.NoTargets));
    }

    [Fact]
    public void UntilExpiry_AllDelivered_GoesOnTakingNewcomersUntilTheEnd()
    {
        _world.Edit(spec => spec with
        {
            Targets = spec.Targets with { NewVehicles = NewVehicles.UntilExpiry },
            Schedule = new Schedule { ExpireAt = _world.Now.AddHours(1) },
        });
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Tombstones.ShouldBeEmpty();
        _world.Order!.TakesNewVehicles.ShouldBeTrue();

        _world.Now = _world.Now.AddHours(1);
        WaitOut();
        _world.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Completed);
    }

    [Fact]
    public void Abort_SentOnesGetTheirAckTime_PendingExpireAtOnce()
    {
        Start();
        _world.Change(counts => counts with { Pending = 1, InFlight = 1 });
        _world.Edit(spec => spec with { Abort = true });
        _world.Settle();
        _world.Ledger!.Pace!.Open.ShouldBeFalse();
        _world.Now = _world.Now.AddSeconds(1);
        _world.Settle();
        (_world.Ledger!.Counts.Pending, _world.Ledger.Counts.InFlight, _world.Ledger.Counts.Expired).ShouldBe((0, 16, 16));
        _world.Tombstones.ShouldBeEmpty();

        _world.Now = _world.Now.AddSeconds(30);
        _world.Settle();
        _world.Settle();
        _world.Tombstones.ShouldHaveSingleItem().Counts.Expired.ShouldBe(32);
        _world.Status.Phase.ShouldBe(CampaignPhase.Aborted);
        Condition("Succeeded").ShouldBe(("False", Reasons.Aborted));
    }

    [Fact]
    public void Expiry_EndsWhatIsOpen()
    {
        Pushed();
        _world.Now = _world.Now.AddDays(7);
        WaitOut();

        _world.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Expired);
        _world.Status.Phase.ShouldBe(CampaignPhase.Expired);
        _world.Status.Counts!.Expired.ShouldBe(16);
    }

    [Fact]
    public void ExpiresBeforeItStarts_SendsNothing()
    {
        _world.Edit(spec => spec with { Suspend = true, Schedule = new Schedule { ExpireAt = _world.Now.AddHours(1) } });
        Preview();
        _world.Now = _world.Now.AddHours(1);
        _world.Settle();
        _world.Settle();

        _world.Status.Phase.ShouldBe(CampaignPhase.Expired);
        _world.Ledger.ShouldBeNull();
    }

    [Fact]
    public void HigherRevision_ClosesTheOldOrderFirst_ThenBeginsAnew()
    {
        Start();
        _world.PreviewedShards = 0;
        _world.Edit(spec => spec with { Revision = 2, Patch = spec.Patch with { Version = "3" } });
        _world.Pass();
        _world.LedgerOf(1)!.Pace!.Open.ShouldBeFalse();
        _world.LedgerOf(2).ShouldBeNull();

        WaitOut();

        Tombstone old = _world.Tombstones.ShouldHaveSingleItem();
        (old.Revision, old.Reason, old.Counts.Expired).ShouldBe((1, Reasons.Superseded, 32));
        _world.Order!.Revision.ShouldBe(2);
        _world.Order.Gate.ShouldBe(Gate.Preview);
        _world.Status.Revision.ShouldBe(2);
        Condition("Pushed").ShouldBe(("False", Reasons.NotStarted));
    }

    [Fact]
    public void ContentChangedWithoutARevision_IsRefused_AndTheGateCloses()
    {
        Start();
        _world.Edit(spec => spec with { Patch = spec.Patch with { Version = "3" } });
        _world.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        _world.Ledger!.Pace!.Open.ShouldBeFalse();
        _world.Order!.Gate.ShouldBe(Gate.Paused);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public void LedgerLost_WholeOrOneShard_StopsAndNeverStartsOver(int? shard)
    {
        Start();
        _world.Lose(shard);
        _world.Settle();
        Condition("Stalled").ShouldBe(("True", Reasons.LedgerLost));
        _world.Order!.Gate.ShouldBe(Gate.Closed);
        (_world.Ledger?.Pace?.Open ?? false).ShouldBeFalse();

        _world.Crash();
        _world.Now = _world.Now.AddHours(1);
        _world.Settle();
        Condition("Stalled").ShouldBe(("True", Reasons.LedgerLost));
        _world.LastStep.ShouldBeOfType<CampaignStep.None>();
    }

    [Fact]
    public void RecreatedAfterItsEnd_SameContent_SendsNothing()
    {
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Campaign = CampaignWorld.NewCampaign("uid-2");
        _world.Crash();
        _world.Settle();

        _world.Order.ShouldBeNull();
        _world.Status.Phase.ShouldBe(CampaignPhase.Completed);
        _world.Status.Counts!.Delivered.ShouldBe(32);
        CampaignEvent told = CampaignEvents.Between(new PushCampaignStatus(), _world.Status).ShouldHaveSingleItem();
        (told.Reason, told.Type).ShouldBe((Reasons.AlreadyPushed, EventType.Normal));
        told.Message.ShouldEndWith("nothing is sent; raise spec.revision to push again");
    }

    [Fact]
    public void RecreatedAfterItsEnd_OtherContent_IsRefused()
    {
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Campaign = CampaignWorld.NewCampaign("uid-2", _world.Campaign!.Spec with { Patch = new Patch { Id = "brake", Version = "9" } });
        _world.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        _world.Order.ShouldBeNull();
    }

    [Fact]
    public void RecreatedAtALowerRevision_IsRefused()
    {
        _world.Edit(spec => spec with { Revision = 5 });
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Campaign = CampaignWorld.NewCampaign("uid-2");
        _world.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.RevisionReused));
        _world.Order.ShouldBeNull();
    }

    [Fact]
    public void AnotherLivingCampaignHasTheId_IsRefused_AndTouchesNothing()
    {
        Start();
        Order order = _world.Order!;
        _world.Campaign = CampaignWorld.NewCampaign("uid-2");
        _world.OtherOwnerLives = true;
        _world.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.CampaignIdInUse));
        _world.Order.ShouldBe(order);
        _world.Ledger!.Pace!.Open.ShouldBeTrue();
    }

    [Fact]
    public void TheOtherOwnerIsGone_ItsLeftoversAreClosed()
    {
        Start();
        _world.Campaign = CampaignWorld.NewCampaign("uid-2");
        _world.Pass();

        _world.LastStep.ShouldBeOfType<CampaignStep.CloseOrphan>();
    }

    [Fact]
    public void Deleted_InFullFlight_IsReleasedWithATombstone_OnlyAfterTheGateIsClosed()
    {
        Start();
        _world.Delete();
        CampaignDecision first = _world.Pass();
        first.Released.ShouldBeFalse();
        _world.Ledger!.Pace!.Open.ShouldBeFalse();

        WaitOut();

        _world.Pass().Released.ShouldBeTrue();
        _world.Tombstones.ShouldHaveSingleItem().Reason.ShouldBe(Reasons.Deleted);
        _world.Order.ShouldBeNull();
    }

    [Fact]
    public void Deleted_BeforeAnythingWasSent_LeavesNoTrace()
    {
        Preview();
        _world.Delete();
        _world.Settle();

        _world.Pass().Released.ShouldBeTrue();
        _world.Tombstones.ShouldBeEmpty();
        _world.Order.ShouldBeNull();
    }

    [Fact]
    public void Cap_Reached_TheRestIsSuppressed()
    {
        _world.Edit(spec => spec with { Targets = spec.Targets with { MaxRecipients = 16 } });
        Start();
        _world.Pass().Supervise.ShouldBeTrue();
        Deliver(1);
        _world.Settle();

        _world.Ledger!.Counts.Suppressed.ShouldBe(16);
        _world.Now = _world.Now.AddSeconds(1);
        _world.Settle();
        _world.Settle();
        Condition("Succeeded").ShouldBe(("True", Reasons.Succeeded));
    }

    [Fact]
    public void NoLimit_IsNotSupervised_SoThatItGoesOnWithoutTheOperator()
    {
        Start();

        _world.Pass().Supervise.ShouldBeFalse();
        _world.Ledger!.Pace!.Supervised.ShouldBeFalse();
    }

    [Fact]
    public void ListedTargets_MissingList_WaitsAndGoesOn()
    {
        _world.Edit(spec => spec with { Targets = new Targets { Vids = ["a"], VidsFrom = [new VidSource { ConfigMapKeyRef = new() { Name = "l", Key = "k" } }] } });
        _world.Lists = new TargetLists([], [], "there is no ConfigMap l in this namespace", []);
        _world.Settle();
        Condition("Ready").ShouldBe(("False", Reasons.ListNotFound));

        _world.Lists = new TargetLists(["a", "b"], ["hash"], null, []);
        _world.Settle();
        _world.Settle();
        _world.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        _world.Order!.Listed.ShouldBeTrue();
        _world.Order.TakesNewVehicles.ShouldBeFalse();
    }

    [Fact]
    public void ListedTargets_ListEditedAfterTheFreeze_ChangesNothing()
    {
        ListedTargets_MissingList_WaitsAndGoesOn();
        _world.Lists = new TargetLists(["x"], ["other"], null, []);
        _world.Settle();

        _world.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }

    [Fact]
    public void Finished_ItsTimeAfterTheEndIsOver_IsDeleted()
    {
        _world.Edit(spec => spec with { TtlSecondsAfterFinished = 60 });
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Settle();
        _world.LastStep.ShouldNotBeOfType<CampaignStep.DeleteResource>();

        _world.Now = _world.Now.AddSeconds(60);
        _world.Pass();

        _world.LastStep.ShouldBeOfType<CampaignStep.DeleteResource>();
    }

    [Fact]
    public void RedisComesBackEmpty_AfterTheEnd_FinishedStaysFinished()
    {
        Pushed();
        Deliver(2);
        _world.Settle();
        _world.Settle();
        PushCampaignStatus status = _world.Status;
        var empty = new CampaignWorld { Campaign = _world.Campaign, Now = _world.Now };
        empty.Settle();

        empty.Order.ShouldBeNull();
        empty.Status.Phase.ShouldBe(CampaignPhase.Completed);
        empty.Status.Counts.ShouldBe(status.Counts);
    }

    private (string, string) Condition(string type)
    {
        var condition = _world.Status.Conditions!.Single(condition => condition.Type == type);
        return (condition.Status, condition.Reason);
    }

    private void Preview()
    {
        _world.Pass();
        _world.PreviewedShards = 16;
    }

    private void Start()
    {
        _world.OpenOnNodes = 1;
        Preview();
        _world.Settle();
        _world.Freeze(16, _world.Matching);
        _world.Settle();
        _world.Settle();
        _world.OpenOnNodes = 0;
    }

    private void Pushed()
    {
        Start();
        Deliver(1);
        _world.Settle();
        _world.Now = _world.Now.AddSeconds(1);
        _world.Settle();
    }

    /// <summary>Of the two targets of each shard, so many are delivered.</summary>
    private void Deliver(int each) =>
        _world.Change(counts => counts with { Delivered = each, Pending = Math.Max(0, counts.Targeted - each), InFlight = 0 });

    private void WaitOut()
    {
        for (int i = 0; i < 40; i++)
        {
            _world.Settle();
            _world.Now = _world.Now.AddSeconds(1);
        }
    }
}
