using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Limits;

/// <summary>32 targets, two in each of 16 shards: what happens to each shard's cars happens to 16.</summary>
public sealed class CampaignLimitTests : CampaignLife
{
    [Theory]
    [InlineData("half of them failed", LimitFailure.Failed, 49, 0, 16, 0, 0, true)]
    [InlineData("just the limit is not more", LimitFailure.Failed, 50, 0, 16, 0, 0, false)]
    [InlineData("the silent do not count as failed", LimitFailure.Failed, 49, 0, 16, 16, 0, false)]
    [InlineData("the silent", LimitFailure.NoAck, 49, 0, 16, 16, 0, true)]
    [InlineData("rejected", LimitFailure.Rejected, 49, 16, 0, 0, 0, true)]
    [InlineData("rejected is not failed", LimitFailure.Failed, 0, 16, 0, 0, 0, false)]
    [InlineData("failed after it was delivered", LimitFailure.Failed, 49, 0, 0, 0, 16, true)]
    [InlineData("any", LimitFailure.Any, 99, 16, 16, 16, 0, true)]
    [InlineData("nobody", LimitFailure.Any, 0, 0, 0, 0, 0, false)]
    public void Limit_CountsItsOwnKindOnly(string story, LimitFailure failure, int percent, int rejected, int failed, int silent, int failedLater, bool exceeded)
    {
        Limit(new AbortLimit { Failure = failure, Percent = percent });
        Start();
        World.Change(counts => counts with
        {
            Pending = 0,
            Delivered = 2 - ((rejected + failed) / 16),
            Rejected = rejected / 16,
            Failed = failed / 16,
            NoAck = silent / 16,
            FailedLater = failedLater / 16,
        });
        World.Settle();

        (World.Status.Limits?.Exceeded is not null).ShouldBe(exceeded, story);
    }

    [Fact]
    public void TooFewSamples_NothingIsJudged()
    {
        Limit(new AbortLimit { Percent = 10, MinSamples = 17 });
        Start();
        World.Change(counts => counts with { Pending = 1, Failed = 1 });
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Ledger!.Pace!.Supervised.ShouldBeTrue("a limit is judged by the operator alone");
    }

    [Fact]
    public void Pause_StaysWhateverStillComesIn_AlsoAcrossACrash_UntilAPersonRaisesResume()
    {
        Limit(new AbortLimit { Percent = 40 });
        Start();
        Fail();
        World.Pass();

        World.LastStep.ShouldBeOfType<CampaignStep.Align>().Pace!.Open.ShouldBeFalse();
        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
        Condition("Paused").ShouldBe(("True", Reasons.LimitExceeded));
        World.Status.Limits!.Exceeded.ShouldBe(new ExceededLimit
        {
            Failure = LimitFailure.Any,
            Percent = 40,
            Action = LimitAction.Pause,
            Cars = 16,
            Attempted = 16,
            At = World.Now,
            Resume = 0,
        });

        World.Change(counts => counts with { Failed = 0, Delivered = 1 });
        World.Crash();
        World.Edit(spec => spec with { Pace = new PushPlatform.Operator.Api.Pace { MaxPerSecond = 5 }, Suspend = true });
        World.Settle();
        World.Edit(spec => spec with { Suspend = false, Rollout = new() });
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Paused, "nothing but resume lifts it");
        World.Order!.Gate.ShouldBe(Gate.Paused);

        World.Edit(spec => spec with { Resume = 1 });
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Status.Limits!.Exceeded.ShouldBeNull();
    }

    [Fact]
    public void Resumed_IsJudgedAnew_OverTheCarsSinceThen()
    {
        Limit(new AbortLimit { Percent = 40, MinSamples = 16 });
        Start();
        Fail();
        World.Settle();
        World.Edit(spec => spec with { Resume = 1 });
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing, "16 of 16 failed, but none since then");

        World.Change(counts => counts with { Pending = 0, Failed = 2 });
        World.Settle();
        World.Status.Limits!.Exceeded!.Attempted.ShouldBe(16);
        World.Status.Limits.Exceeded.Resume.ShouldBe(1);
        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
    }

    [Fact]
    public void Abort_EndsForGood_AndSaysWhy()
    {
        Limit(new AbortLimit { Percent = 40, Action = LimitAction.Abort });
        Start();
        Fail();
        World.Pass();
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Change(counts => counts with { Failed = 0, Delivered = 1 });
        World.Edit(spec => spec with { Resume = 1 });
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
        World.Status.AbortReason.ShouldBe(Reasons.LimitExceeded);
        Condition("Complete").ShouldBe(("True", Reasons.Aborted));
        World.Status.Message.ShouldBe("16 of 16 deliveries with an outcome failed, were rejected or never acknowledged (100 %), more than the 40 % of spec.rollout.abortWhen: aborted with 16 of 32 delivered");
        World.Status.Counts!.Expired.ShouldBe(16);
    }

    [Fact]
    public void WorseThanAPause_WhileItIsPaused_StillAborts()
    {
        Limit(new AbortLimit { Percent = 40 }, new AbortLimit { Percent = 90, MinSamples = 32, Action = LimitAction.Abort });
        Start();
        Fail();
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Paused);

        World.Change(counts => counts with { Pending = 0, Failed = 2 });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
    }

    [Fact]
    public void OfTheLastMinuteOnly_LongAgoCountsNoMore_AndANewOperatorKnowsIt()
    {
        Limit(new AbortLimit { Percent = 40, MinSamples = 16, WindowSeconds = 60 });
        World.Matching = 160;
        Start();
        World.Change(counts => counts with { Pending = 7, Delivered = 2, Failed = 1 });
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing, "16 of 48 failed");

        Wait(70);
        World.Crash();
        World.Change(counts => counts with { Pending = 6, Failed = 2 });
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Paused, "16 of the last 16 failed, though 32 of 64 altogether");
        World.Status.Limits!.Exceeded!.ShouldSatisfyAllConditions(
            exceeded => exceeded.Cars.ShouldBe(16),
            exceeded => exceeded.Attempted.ShouldBe(16),
            exceeded => exceeded.WindowSeconds.ShouldBe(60));
        World.Status.Message!.ShouldContain("16 of 16 deliveries with an outcome in the last 60 s failed");
    }

    [Fact]
    public void OfTheLastMinuteOnly_FailuresOfLongAgoDoNotStopIt()
    {
        Limit(new AbortLimit { Percent = 40, MinSamples = 32, WindowSeconds = 60 });
        Start();
        World.Change(counts => counts with { Pending = 1, Failed = 1 });
        World.Settle();
        Wait(70);
        World.Change(counts => counts with { Pending = 0, Delivered = 1 });
        World.Settle();

        World.Status.Limits!.Exceeded.ShouldBeNull("16 of 32 failed, but of the last minute none of 16");
    }

    [Fact]
    public void AHigherRevision_BeginsAnew()
    {
        Limit(new AbortLimit { Percent = 40 });
        Start();
        Fail();
        World.Settle();

        World.Edit(spec => spec with { Revision = 2, Patch = spec.Patch with { Version = "3" } });
        World.PreviewedShards = 0;
        WaitOut();
        Start();
        World.Status.Revision.ShouldBe(2);
        World.Status.Limits.ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
    }

    private void Limit(params AbortLimit[] limits) => World.Edit(spec => spec with { Rollout = new Rollout { AbortWhen = limits } });

    private void Wait(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            World.Now = World.Now.AddSeconds(1);
            World.Pass();
        }
    }

    private void Fail() => World.Change(counts => counts with { Pending = 1, Failed = 1 });
}
