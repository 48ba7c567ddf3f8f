using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Steps;

/// <summary>Cars of a step that are tried again, and what that means for it and for the ones after it.</summary>
public sealed class StepRetryTests : StepLife
{
    [Fact]
    public void FailuresOfAnEarlierStep_TriedAgain_HideNoneOfTheOpenOne()
    {
        StartWith(Soak(count: 32) with { SuccessPercent = 0 }, Soak(count: 96) with { SuccessPercent = 90 });
        TellAll(Deliver);
        World.Change(counts => counts with { Delivered = 1, Failed = 1 });
        Seconds(62);
        Step(2).Size.ShouldBe(64);
        TellAll(Send);

        Retry(1);
        Seconds(2);
        World.Change(counts => counts with { Pending = counts.Pending - 1, PutBack = 0, Delivered = 2 });
        Seconds(1);
        World.Change(counts => counts with { InFlight = 0, Delivered = 5, Failed = 1 });
        Seconds(90);

        World.Status.CurrentStep.ShouldBe(2);
        Condition("Paused").ShouldBe(("True", Reasons.StepUnsuccessful));
        Step(2).ShouldSatisfyAllConditions(step => step.Attempted.ShouldBe(64), step => step.Delivered.ShouldBe(48), step => step.Failed.ShouldBe(16));
        Step(1).ShouldSatisfyAllConditions(step => step.Attempted.ShouldBe(32), step => step.Delivered.ShouldBe(32), step => step.Failed.ShouldBe(0));
    }

    [Fact]
    public void FailuresOfTheOpenStep_TriedAgain_AreWaitedFor()
    {
        StartWith(Soak(count: 32) with { SuccessPercent = 90 });
        TellAll(Deliver);
        World.Change(counts => counts with { Delivered = 1, Failed = 1 });
        Seconds(62);
        Condition("Paused").ShouldBe(("True", Reasons.StepUnsuccessful));

        Retry(1);
        Seconds(30);
        World.Status.CurrentStep.ShouldBe(1, "nobody of them has answered yet");
        World.Change(counts => counts with { Pending = counts.Pending - 1, PutBack = 0, InFlight = 1 });
        Seconds(20);
        World.Status.CurrentStep.ShouldBe(1);
        World.Change(counts => counts with { InFlight = 0, Delivered = 2 });
        Seconds(30);
        World.Status.CurrentStep.ShouldBe(2);
    }

    private void Retry(int round) => World.Edit(spec => spec with { Retry = new RetryRequest { Round = round } });
}
