using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Steps;

/// <summary>When the next step opens, and when it does not.</summary>
public sealed class StepPlanTests : StepLife
{
    [Fact]
    public void AStep_IsRecordedBeforeItsCarsMayBeTold()
    {
        World.Matching = Targets;
        SetSteps(Soak(count: 10));
        Start();
        World.Crash();
        World.SetStatus(World.Status with { CurrentStep = null, Steps = [new StepStatus { State = StepState.Pending }, new StepStatus { State = StepState.Pending }] });
        long before = Quotas;

        CampaignObservation seen = World.Observe();
        World.Act(CampaignPlan.Decide(seen));
        Quotas.ShouldBe(before, "it died before the status was written");

        Seconds(1);
        World.Status.CurrentStep.ShouldBe(1);
        Quotas.ShouldBe(10);
    }

    [Fact]
    public void Percent_IsOfTheTargetsAndRoundedUp_AndCountsWhoWasToldBefore()
    {
        StartWith(Soak(percent: 1), Soak(percent: 10), Soak(percent: 100));
        Quotas.ShouldBe(4);

        TellAll(Deliver);
        Seconds(62);
        Quotas.ShouldBe(32);
        Step(1).Attempted.ShouldBe(4);
        Step(2).Size.ShouldBe(28);

        TellAll(Deliver);
        Seconds(62);
        Quotas.ShouldBe(320);
        World.Status.Steps!.Count.ShouldBe(4);
    }

    [Fact]
    public void Soak_TellsNobodyNew_SaysUntilWhen_AndThenGoesOn()
    {
        StartWith(Soak(count: 10), Soak(count: 50));
        TellAll(Deliver);
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
        Condition("Paused").ShouldBe(("True", Reasons.Soaking));
        World.Status.Message!.ShouldContain("step 1 of 2 is looked at until ");
        World.Ledger!.Pace!.Open.ShouldBeTrue("what was sent is sent again");
        Seconds(58);
        TellAll(Deliver);
        Claimed.ShouldBe(10);
        Seconds(4);
        World.Status.CurrentStep.ShouldBe(2);
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Status.Message!.ShouldStartWith("step 2 of 2: 0 of 40 told; ");
        TellAll(Deliver);
        Claimed.ShouldBe(50);
    }

    [Fact]
    public void AfterTheLastStep_AllOthersAreTold_AndItCompletes()
    {
        StartWith(Soak(count: 10, seconds: 1));
        TellAll(Deliver);
        Seconds(4);
        TellAll(Deliver);
        World.OpenOnNodes = 0;
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Counts!.Delivered.ShouldBe(Targets);
        World.Status.Steps!.ShouldAllBe(step => step.State == StepState.Done && step.FinishedAt != null);
        World.Status.Steps!.Sum(step => step.Attempted).ShouldBe(Targets);
    }

    [Fact]
    public void CarsThatAreAway_DoNotHoldAStepUp()
    {
        StartWith(Soak(count: 100, seconds: 5));
        World.Tell(1, Deliver, shard => shard < 3).ShouldBe(3);
        World.OpenOnNodes = 0;
        Seconds(10);

        World.Status.CurrentStep.ShouldBe(2);
        Step(1).Attempted.ShouldBe(3);
        Step(1).State.ShouldBe(StepState.Done);
    }

    [Fact]
    public void ACarThatLeftBeforeItAnswered_DoesNotHoldAStepUp()
    {
        StartWith(Soak(count: 16, seconds: 5));
        World.Tell(1, Deliver, shard => shard < 15);
        World.Tell(1, Send, shard => shard == 15).ShouldBe(1);
        Seconds(29);
        World.Status.CurrentStep.ShouldBe(1, "it may still answer");

        Seconds(4);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void CarsThatAreOnlineButCannotBeTold_HoldAStepUpForAMinuteOnly()
    {
        StartWith(Soak(count: 100, seconds: 0));
        World.Tell(1, Deliver, shard => shard < 3);
        World.OpenOnNodes = 4;
        Seconds(55);
        World.Status.CurrentStep.ShouldBe(1);

        Seconds(10);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void CarsThatWaitForOthersToInstall_AreWaitedFor()
    {
        World.Edit(spec => spec with { Pace = new PushPlatform.Operator.Api.Pace { MaxInFlight = 3 } });
        StartWith(Soak(count: 100, seconds: 0));
        World.Tell(1, Deliver, shard => shard < 3);
        World.OpenOnNodes = 4;
        Seconds(90);

        World.Status.CurrentStep.ShouldBe(1);
    }

    [Fact]
    public void AStepThatToldNobody_IsNoProof_AndWaitsForItsFirstCar()
    {
        StartWith(Soak(count: 100, seconds: 0), Soak(count: 200, seconds: 0));
        World.OpenOnNodes = 0;
        Seconds(90);
        World.Status.CurrentStep.ShouldBe(1);
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);

        World.Tell(1, Deliver, shard => shard == 7).ShouldBe(1);
        Seconds(3);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void TooFewDeliver_WaitsAndSaysSo_AndGoesOnWhenEnoughDo()
    {
        StartWith(Soak(count: 16, seconds: 5), Soak(count: 50));
        World.Tell(1, Fail, shard => shard < 3);
        World.Tell(1, Deliver, shard => shard >= 3);
        Seconds(40);
        Condition("Paused").ShouldBe(("True", Reasons.StepUnsuccessful));
        World.Status.Message!.ShouldContain("16 told, 13 delivered, 3 failed");
        Claimed.ShouldBe(16);

        // The silent ones answer after all.
        World.Change(counts => counts with { Delivered = counts.Delivered + counts.Failed, Failed = 0 });
        Seconds(2);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void MinSamples_TooFewAnswered_Waits()
    {
        StartWith(Soak(count: 64, seconds: 1) with { MinSamples = 50 });
        World.Tell(1, Deliver);
        World.OpenOnNodes = 0;
        Seconds(120);
        World.Status.CurrentStep.ShouldBe(1);

        World.Tell(3, Deliver);
        Seconds(3);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Theory]
    [InlineData(StepTimeout.Pause)]
    [InlineData(StepTimeout.Promote)]
    [InlineData(StepTimeout.Abort)]
    public void TakesTooLong_DoesWhatTheRuleSays(StepTimeout timeout)
    {
        StartWith(Soak(count: 16, seconds: 1) with { MaxWaitSeconds = 100, OnMaxWait = timeout }, Soak(count: 50));
        World.Tell(1, Fail);
        Seconds(90);
        World.Status.CurrentStep.ShouldBe(1);
        Seconds(15);

        switch (timeout)
        {
            case StepTimeout.Pause:
                Condition("Paused").ShouldBe(("True", Reasons.AwaitingPromotion));
                World.Status.CurrentStep.ShouldBe(1);
                break;
            case StepTimeout.Promote:
                World.Status.CurrentStep.ShouldBe(2);
                break;
            default:
                WaitOut();
                World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
                World.Status.AbortReason.ShouldBe(Reasons.StepFailed);
                Step(1).State.ShouldBe(StepState.Failed);
                Claimed.ShouldBeLessThanOrEqualTo(Targets);
                World.Status.Counts!.Failed.ShouldBe(16);
                break;
        }
    }

    [Fact]
    public void UntilPromoted_WaitsForAPerson_WhoMayChangeTheStep()
    {
        StartWith(new RolloutStep { Count = 10, UntilPromoted = true }, Soak(count: 50));
        TellAll(Deliver);
        Seconds(500);
        Condition("Paused").ShouldBe(("True", Reasons.AwaitingPromotion));
        Claimed.ShouldBe(10);

        SetSteps(Soak(count: 10, seconds: 0), Soak(count: 50));
        Seconds(1);

        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void Promote_TakesTheOpenStepOn_AndNoOther()
    {
        StartWith(new RolloutStep { Count = 10, UntilPromoted = true }, new RolloutStep { Count = 50, UntilPromoted = true }, Soak(count: 80));
        TellAll(Deliver);
        Seconds(10);
        World.Status.Message!.ShouldContain("verb: Promote,");

        World.Say(ApprovalVerb.Promote, "first");
        Seconds(2);
        World.Status.CurrentStep.ShouldBe(2);
        Step(1).PromotedBy.ShouldBe("first-0");
        TellAll(Deliver);
        Seconds(500);
        World.Status.CurrentStep.ShouldBe(2, "it was said of step 1");
        Claimed.ShouldBe(50);

        World.Say(ApprovalVerb.Promote, "second");
        Seconds(2);
        World.Status.CurrentStep.ShouldBe(3);
    }

    [Fact]
    public void Promote_SaidBeforeTheStepOpened_IsNotOfThisStep()
    {
        SetSteps(new RolloutStep { Count = 10, UntilPromoted = true });
        World.Say(ApprovalVerb.Promote, "early");
        World.Now = World.Now.AddSeconds(5);
        StartWith(new RolloutStep { Count = 10, UntilPromoted = true });
        TellAll(Deliver);
        Seconds(100);

        World.Status.CurrentStep.ShouldBe(1);
    }

    [Fact]
    public void Promote_InTheMiddleOfAStepOrItsSoak_DoesNotWaitForItsEnd()
    {
        StartWith(Soak(count: 32, seconds: 3600), Soak(count: 50, seconds: 3600), Soak(count: 80));
        World.Tell(1, Deliver, shard => shard < 3);
        World.Say(ApprovalVerb.Promote, "early");
        Seconds(2);
        Quotas.ShouldBe(50);
        Step(1).Attempted.ShouldBe(3);

        TellAll(Deliver);
        Seconds(2);
        Condition("Paused").ShouldBe(("True", Reasons.Soaking));
        World.Say(ApprovalVerb.Promote, "late");
        Seconds(2);
        Quotas.ShouldBe(80);
    }

    [Fact]
    public void PromoteAll_AllMayBeTold()
    {
        StartWith(Soak(count: 10, seconds: 3600), Soak(count: 50, seconds: 3600), Soak(count: 80));
        World.Say(ApprovalVerb.PromoteAll, "all");
        Seconds(2);
        TellAll(Deliver);

        Claimed.ShouldBe(Targets);
        World.Status.CurrentStep.ShouldBe(4);
        World.Status.Steps!.Count.ShouldBe(4);
        Step(1).PromotedBy.ShouldBe("all-0");
        Step(2).Size.ShouldBe(0);
    }

    [Fact]
    public void Promote_WhileSuspended_CountsWhenItGoesOn()
    {
        StartWith(new RolloutStep { Count = 10, UntilPromoted = true }, Soak(count: 50));
        TellAll(Deliver);
        World.Edit(spec => spec with { Suspend = true });
        World.Say(ApprovalVerb.Promote, "late");
        Seconds(5);
        World.Status.CurrentStep.ShouldBe(1);

        World.Edit(spec => spec with { Suspend = false });
        Seconds(2);
        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void StepsTakenOut_AllMayBeTold()
    {
        StartWith(Soak(count: 10), Soak(count: 50));
        SetSteps();
        Seconds(2);
        TellAll(Deliver);

        Claimed.ShouldBe(Targets);
        World.Status.Steps!.Count.ShouldBe(2);
    }

    [Fact]
    public void StepsTakenOutBeforeTheFirstOpened_AllMayBeTold()
    {
        World.Matching = Targets;
        SetSteps(Soak(count: 10));
        Preview();
        World.Settle();
        SetSteps();
        World.Freeze(16, Targets);
        World.OpenOnNodes = 1;
        Seconds(2);
        TellAll(Deliver);

        Claimed.ShouldBe(Targets);
    }

    [Fact]
    public void AnOpenStepMadeSmallerOrLarger_KeepsItsSize()
    {
        StartWith(Soak(count: 10), Soak(count: 50));
        SetSteps(Soak(count: 30), Soak(count: 40));
        Seconds(2);
        TellAll(Deliver);
        Claimed.ShouldBe(10);

        Seconds(62);
        TellAll(Deliver);
        Claimed.ShouldBe(40);
    }

    [Fact]
    public void Suspended_NoStepOpens()
    {
        StartWith(Soak(count: 10, seconds: 5), Soak(count: 50));
        TellAll(Deliver);
        World.Edit(spec => spec with { Suspend = true });
        Seconds(60);
        World.Status.CurrentStep.ShouldBe(1);
        World.Status.Phase.ShouldBe(CampaignPhase.Suspended);

        World.Edit(spec => spec with { Suspend = false });
        Seconds(2);
        World.Status.CurrentStep.ShouldBe(2);
    }

    [Fact]
    public void StatusLost_TheQuotasTellHowFarItHadCome()
    {
        StartWith(Soak(count: 10, seconds: 0), Soak(count: 50, seconds: 60), Soak(count: 80));
        TellAll(Deliver);
        Seconds(2);
        Quotas.ShouldBe(50);

        World.SetStatus(new PushCampaignStatus());
        World.Crash();
        Seconds(3);

        World.Status.CurrentStep.ShouldBe(2);
        Quotas.ShouldBe(50);
    }

    [Fact]
    public void CarsTakenAlong_CountForTheNextStepOfPercent()
    {
        StartWith(Soak(percent: 10), Soak(percent: 20));
        World.Change(counts => counts with { Targeted = counts.Targeted + 20, Pending = counts.Pending + 20 });
        Quotas.ShouldBe(32);
        TellAll(Deliver);
        Seconds(62);

        Quotas.ShouldBe(128);
    }

    [Fact]
    public void FewerTargetsThanTheFirstStep_CompletesWithoutWaiting()
    {
        StartWith(Soak(count: 1000, seconds: 3600));
        TellAll(Deliver);
        World.OpenOnNodes = 0;
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
    }

    [Fact]
    public void ACap_HoldsInStepsToo()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxRecipients = 32 } });
        StartWith(Soak(count: 16, seconds: 0), Soak(count: 64, seconds: 0));
        TellAll(Deliver);
        Seconds(2);
        Quotas.ShouldBe(32);
        TellAll(Deliver);
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Counts!.Delivered.ShouldBe(32);
        World.Status.Counts!.Suppressed.ShouldBe(Targets - 32);
    }

    [Fact]
    public void StepsThatTheLedgerWasNotMadeFor_AreRefused_AndNothingIsSent()
    {
        World.Matching = Targets;
        Start();
        SetSteps(Soak(count: 10));
        World.Settle();

        Condition("Stalled").ShouldBe(("True", Reasons.InvalidSpec));
        World.Ledger!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public void Steps_AreSupervised()
    {
        StartWith(Soak(count: 10));

        World.Pass().Supervise.ShouldBeTrue();
        World.Ledger!.Pace!.Supervised.ShouldBeTrue();
    }

    [Fact]
    public void Newcomers_AreTakenUntilAllStepsAreOver()
    {
        StartWith(Soak(count: 10, seconds: 1), Soak(count: 50, seconds: 1));
        World.Tell(1, Deliver, shard => shard < 3);
        World.OpenOnNodes = 0;
        Seconds(1);

        World.Order!.TakesNewVehicles.ShouldBeTrue();
        Condition("Pushed").ShouldBe(("False", Reasons.Pushing));
    }
}
