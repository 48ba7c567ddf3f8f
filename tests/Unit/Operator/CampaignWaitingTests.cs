using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>From the first sight of a campaign to the moment at which its gate opens.</summary>
public sealed class CampaignWaitingTests : CampaignLife
{
    [Fact]
    public void NewCampaign_ItsPoolExists_AsksTheNodesForAPreview()
    {
        World.Pass();

        World.Order!.Gate.ShouldBe(Gate.Preview);
        World.Ledger.ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.Previewing);
    }

    [Fact]
    public void NewCampaign_ItsPoolIsMissing_WaitsAndGoesOnWhenItAppears()
    {
        World.PoolExists = false;
        World.Pass();
        World.Order.ShouldBeNull();
        Condition("Ready").ShouldBe(("False", Reasons.PoolNotFound));

        World.PoolExists = true;
        World.Pass();
        World.Order.ShouldNotBeNull();
        Condition("Ready").ShouldBe(("True", Reasons.Accepted));
    }

    [Fact]
    public void InvalidSpec_NothingIsSent_AllFaultsAreInTheMessage()
    {
        World.Faults = ["spec.targets: say who is meant", "spec.pace.maxPerSecond: must be at least 1"];
        World.Settle();

        World.Order.ShouldBeNull();
        Condition("Stalled").ShouldBe(("True", Reasons.InvalidSpec));
        World.Status.Message!.ShouldContain("say who is meant");
        World.Status.Message!.ShouldContain("maxPerSecond");
    }

    [Fact]
    public void Preview_FifteenOfSixteenShards_IsNotReady()
    {
        World.Pass();
        World.PreviewedShards = 15;
        World.Pass();

        World.Status.Preview.ShouldBeNull();
        World.Ledger.ShouldBeNull();
    }

    [Fact]
    public void SuspendedFromTheStart_ShowsThePreview_AndMakesNoLedger()
    {
        World.Edit(spec => spec with { Suspend = true });
        Preview();
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Suspended);
        World.Status.Preview!.Matched.ShouldBe(32);
        World.Status.Preview.Online.ShouldBe(20);
        World.Status.Preview.Offline.ShouldBe(12);
        World.Ledger.ShouldBeNull();
        Condition("Suspended").ShouldBe(("True", Reasons.SuspendedByUser));
    }

    [Fact]
    public void Scheduled_WaitsForItsTime_ThenStarts()
    {
        World.Edit(spec => spec with { Schedule = new Schedule { StartAt = World.Now.AddMinutes(5) } });
        Preview();
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Scheduled);
        World.Ledger.ShouldBeNull();

        World.Now = World.Now.AddMinutes(5);
        World.Pass();
        World.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void Start_TheLedgerIdIsInTheStatus_BeforeAnyNodeHearsOfIt()
    {
        Preview();
        World.Pass();
        World.Ledger.ShouldNotBeNull();
        World.Order!.LedgerId.ShouldBe("");

        World.Pass();
        World.Status.Ledger!.Id.ShouldBe(World.Ledger!.LedgerId);
        World.Order!.Gate.ShouldBe(Gate.Preview);

        World.Pass();
        World.Order!.Gate.ShouldBe(Gate.Freeze);
        World.Ledger!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public void Freeze_AllShardsDone_OpensPaceAndOrder()
    {
        Start();

        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Ledger.Pace.RatePerSecond.ShouldBe(100);
        World.Order!.Gate.ShouldBe(Gate.Open);
        World.Order.TakesNewVehicles.ShouldBeTrue();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Status.Message.ShouldBe("0 of 32 delivered");
    }

    [Fact]
    public void ExpiresBeforeItStarts_SendsNothing()
    {
        World.Edit(spec => spec with { Suspend = true, Schedule = new Schedule { ExpireAt = World.Now.AddHours(1) } });
        Preview();
        World.Now = World.Now.AddHours(1);
        World.Settle();
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Expired);
        World.Ledger.ShouldBeNull();
    }

    [Fact]
    public void ListedTargets_MissingList_WaitsAndGoesOn()
    {
        World.Edit(spec => spec with { Targets = new Targets { Vids = ["a"], VidsFrom = [new VidSource { ConfigMapKeyRef = new() { Name = "l", Key = "k" } }] } });
        World.Lists = new TargetLists { Obstacle = new Obstacle(Reasons.ListNotFound, "there is no ConfigMap l in this namespace", NeedsPerson: false) };
        World.Settle();
        Condition("Ready").ShouldBe(("False", Reasons.ListNotFound));

        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        World.Settle();
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Order!.Listed.ShouldBeTrue();
        World.Order.TakesNewVehicles.ShouldBeFalse();
    }

    [Fact]
    public void ListedTargets_WhileTheListsAreRead_SaysHowFar_AndGoesOnWhenTheyAre()
    {
        World.Edit(spec => spec with { Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        World.Lists = new TargetLists { Progress = "reading list 3 of 18, 400000 vids so far" };
        CampaignDecision decision = World.Pass();
        decision.Requeue.ShouldBe(CampaignPlan.Live);
        Condition("Reconciling").ShouldBe(("True", Reasons.ReadingLists));
        World.Status.Message.ShouldBe("reading list 3 of 18, 400000 vids so far");
        World.Ledger.ShouldBeNull();

        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        World.Settle();
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }

    /// <summary>Else it would be resumed and paused once a minute.</summary>
    [Fact]
    public void ListedTargets_CountedAnewWhileItWaits_GoesOnWaiting_WithTheLastCount()
    {
        World.Edit(spec => spec with { Rollout = new Rollout { Approval = ApprovalMode.Manual }, Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
        DateTimeOffset? counted = World.Status.Preview!.ObservedAt;

        World.Now += TimeSpan.FromMinutes(1);
        World.Pass().Step.ShouldBeOfType<CampaignStep.CountList>();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
        World.Status.Preview!.ObservedAt.ShouldBe(counted);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
        World.Status.Preview!.ObservedAt.ShouldBe(World.Now);
    }

    [Fact]
    public void ListedTargets_AbortedWhileTheListsAreRead_EndsAtOnce()
    {
        World.Edit(spec => spec with { Abort = true, Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        World.Lists = new TargetLists { Progress = "reading list 3 of 18, 400000 vids so far" };
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
    }

    [Fact]
    public void ListedTargets_ReadAnewWhileTheTargetsAreWrittenDown_TheFreezeWaitsAndThenGoesOn()
    {
        World.Edit(spec => spec with { Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        while (CampaignPlan.Decide(World.Observe()).Step is not CampaignStep.FreezeList)
        {
            World.Pass();
        }
        World.Crash();
        World.Lists = new TargetLists { Progress = "reading list 1 of 1, 0 vids so far" };
        World.Pass().Step.ShouldBeOfType<CampaignStep.None>();
        World.Status.Message.ShouldBe("The targets are being written down: reading list 1 of 1, 0 vids so far");
        World.Ledger!.Frozen.ShouldBeFalse();

        World.Lists = CampaignWorld.ListsOf("hash", "a", "b");
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }

    [Fact]
    public void ListedTargets_ListEditedAfterTheFreeze_ChangesNothing()
    {
        ListedTargets_MissingList_WaitsAndGoesOn();
        World.Lists = CampaignWorld.ListsOf("other", "x");
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }
}
