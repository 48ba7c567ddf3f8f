using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>The policy of a pool's size as a table of cases.</summary>
public sealed class ScalePlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Autoscale Rule = new() { MinReplicas = 1, MaxReplicas = 6, ConnectionsPerPod = 100, ScaleDownAfterSeconds = 60 };

    [Theory]
    // connections, expected → nodes (of 2)
    [InlineData(0, 0, 2)]
    [InlineData(200, 0, 2)]
    [InlineData(201, 0, 3)]
    [InlineData(450, 0, 5)]
    [InlineData(100_000, 0, 6)]
    [InlineData(100, 301, 4)]
    public void More_AreStartedAtOnce_WithinTheBounds(int connections, int expected, int nodes)
    {
        ScaleDecision decision = ScalePlan.Decide(Auto(Pods(2), connections) with { Expected = expected });

        (decision.Replicas, decision.Serving, decision.Draining.Count).ShouldBe((nodes, nodes, 0));
    }

    [Theory]
    [InlineData(90, 1)]
    [InlineData(91, 2)]
    [InlineData(100, 2)]
    public void Fewer_OnlyWhenTheOthersKeepATenthFree(int connections, int serving) =>
        ScalePlan.Decide(Auto(Pods(2), connections) with { Spell = Quiet(60, 1) }).Serving.ShouldBe(serving);

    [Fact]
    public void Fewer_WaitsForAQuietSpellWithoutABreak()
    {
        ScaleDecision first = ScalePlan.Decide(Auto(Pods(3), 20));
        (first.Replicas, first.Serving, first.Spell).ShouldBe((3, 3, new QuietSpell(Now, 1)));

        ScaleDecision later = ScalePlan.Decide(Auto(Pods(3), 150) with { Spell = Quiet(59, 1) });
        (later.Serving, later.Spell).ShouldBe((3, Quiet(59, 2)));

        ScalePlan.Decide(Auto(Pods(3), 280) with { Spell = Quiet(59, 1) }).Spell.ShouldBeNull("three are needed for a moment: it was no quiet spell");
        ScaleDecision enough = ScalePlan.Decide(Auto(Pods(3), 20) with { Spell = Quiet(60, 2) });
        (enough.Serving, enough.Mark.Count).ShouldBe((2, 1), "the most that was needed meanwhile stays");
    }

    [Fact]
    public void Fewer_StillFewerNeedASpellOfTheirOwn()
    {
        PoolPod[] pods = [.. Pods(2), Draining("p2", 5)];

        ScaleDecision decision = ScalePlan.Decide(Auto(pods, 20) with { Spell = Quiet(500, 2) });

        (decision.Serving, decision.Spell).ShouldBe((2, new QuietSpell(Now, 1)));
    }

    [Fact]
    public void Fewer_TheEmptiestAreMarked_AndOfEqualsTheYoungest_AndTheCountStays()
    {
        PoolPod[] pods = [Pod("full", 50), Pod("old", 7), Pod("young", 7, age: 1), Pod("empty", 0), Pod("young-too", 7, age: 1)];

        ScaleDecision decision = ScalePlan.Decide(ByHand(pods, 2));

        decision.Mark.ShouldBe(["empty", "young", "young-too"]);
        (decision.Replicas, decision.Serving).ShouldBe((5, 2));
        decision.Draining.ShouldBe(decision.Mark);
    }

    [Fact]
    public void Fewer_WhatAReplicaSetWouldTakeFirst_IsTakenFirst() =>
        ScalePlan.Decide(ByHand([Pod("empty", 0), Pod("broken", 40) with { Ready = false }], 1)).Mark.ShouldBe(["broken"]);

    [Fact]
    public void Fewer_WhatIsNotThereYet_IsNotWaitedFor()
    {
        ScaleDecision decision = ScalePlan.Decide(ByHand(Pods(2), 1) with { Asked = 4 });

        (decision.Replicas, decision.Mark.Count, decision.Serving).ShouldBe((2, 1, 1));
    }

    [Fact]
    public void CountGoesDown_WhenADrainedPodIsEmptiedAndNotReady_AndNotBefore()
    {
        PoolPod[] others = Pods(2);
        PoolPod drained = Draining("victim", 0);

        Count(drained with { Connections = 1, Ready = false }).ShouldBe(3);
        Count(drained).ShouldBe(3, "it is ready: another one could be given up in its place");
        Count(drained with { Ready = false, Accepting = true }).ShouldBe(3, "its node does not know yet");
        Count(drained with { Ready = false }).ShouldBe(2);
        Count(drained with { Ready = false, Connections = null }).ShouldBe(2, "its node is dead");
        Count(drained with { Connections = 9, Told = TimeSpan.FromSeconds(41) }).ShouldBe(2, "it never will be");

        int Count(PoolPod victim) => ScalePlan.Decide(ByHand([.. others, victim], 2)).Replicas;
    }

    [Fact]
    public void CountWentDown_ThePodIsStillThere_IsNotCountedOffTwice()
    {
        PoolPod victim = Draining("victim", 0) with { Ready = false };

        ScaleDecision decision = ScalePlan.Decide(ByHand([.. Pods(2), victim], 2) with { Asked = 2 });
        (decision.Replicas, decision.Serving, decision.Mark.Count, decision.Lift.Count).ShouldBe((2, 2, 0, 0));
        decision.Draining.ShouldBe(["victim"], "it is told until it is gone");

        decision = ScalePlan.Decide(ByHand([.. Pods(2), victim with { Ending = true }], 2) with { Asked = 2 });
        (decision.Replicas, decision.Serving, decision.Lift.Count).ShouldBe((2, 2, 0));
        decision.Draining.ShouldBe(["victim"]);
    }

    [Fact]
    public void NeededAfterAll_TheFullestIsCalledBackFirst_BeforeAnyIsStarted()
    {
        PoolPod[] pods = [Pod("stays", 90), Draining("emptied", 0) with { Ready = false }, Draining("half", 40)];

        ScaleDecision one = ScalePlan.Decide(Auto(pods, 130));
        (one.Serving, one.Replicas).ShouldBe((2, 2), "the other one is emptied, and goes");
        one.Lift.ShouldBe(["half"]);
        one.Draining.ShouldBe(["emptied"]);

        ScaleDecision all = ScalePlan.Decide(Auto(pods, 430));
        (all.Serving, all.Replicas, all.Draining.Count).ShouldBe((5, 5, 0));
        all.Lift.ShouldBe(["half", "emptied"]);
    }

    [Fact]
    public void WhileACampaignPushes_NobodyIsDrained_AndWhoIsBeingDrainedIsCalledBack()
    {
        ScaleDecision decision = ScalePlan.Decide(ByHand([.. Pods(2), Draining("victim", 3)], 1) with { Pushing = "brakes" });

        (decision.Replicas, decision.Serving, decision.Mark.Count).ShouldBe((3, 3, 0));
        decision.Lift.ShouldBe(["victim"]);
        decision.Held.ShouldNotBeNull().ShouldContain("brakes");
        ScalePlan.Decide(ByHand(Pods(2), 5) with { Pushing = "brakes" }).Serving.ShouldBe(5, "more is never held");
    }

    [Theory]
    [InlineData("rollout")]
    [InlineData("Redis")]
    [InlineData("campaigns")]
    [InlineData("p0 does not say")]
    public void WhatIsNotKnown_HoldsFewer_AndTouchesNoDrain(string reason)
    {
        PoolPod[] pods = [.. Pods(3), Draining("victim", 0) with { Ready = false }];
        ScaleObservation seen = ByHand(pods, 1);
        seen = reason switch
        {
            "rollout" => seen with { RollingOut = true },
            "Redis" => seen with { StoreAnswers = false },
            "campaigns" => seen with { CampaignsKnown = false },
            _ => seen with { Pods = [pods[0] with { Connections = null }, .. pods[1..]] },
        };

        ScaleDecision decision = ScalePlan.Decide(seen);

        decision.Held.ShouldNotBeNull().ShouldContain(reason);
        (decision.Replicas, decision.Serving, decision.Mark.Count, decision.Lift.Count).ShouldBe((4, 3, 0, 0));
        decision.Draining.ShouldBe(["victim"]);
    }

    [Fact]
    public void RedisDoesNotAnswer_MoreIsStartedAllTheSame_OverTheDrains()
    {
        ScaleDecision decision = ScalePlan.Decide(ByHand([.. Pods(1), Draining("victim", 3)], 3) with { StoreAnswers = false, Pushing = "brakes" });

        (decision.Replicas, decision.Serving, decision.Lift.Count).ShouldBe((4, 3, 0));
        ScalePlan.Decide(Auto(Pods(4), 0) with { StoreAnswers = false }).Serving.ShouldBe(4, "not knowing is not zero");
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public void NoDeploymentYet_BeginsWithWhatIsAlwaysToRun(bool autoscale, int nodes) =>
        ScalePlan.Decide((autoscale ? Auto([], 0) : ByHand([], 3)) with { Asked = null }).Replicas.ShouldBe(nodes);

    private static ScaleObservation Auto(IReadOnlyList<PoolPod> pods, long connections) =>
        ByHand(pods, 0) with { Autoscale = Rule, Connections = connections };

    private static ScaleObservation ByHand(IReadOnlyList<PoolPod> pods, int replicas) => new()
    {
        Now = Now,
        Asked = pods.Count,
        Pods = pods,
        Replicas = replicas,
        Drain = TimeSpan.FromSeconds(10),
    };

    private static PoolPod[] Pods(int count) => [.. Enumerable.Range(0, count).Select(i => Pod($"p{i}", 10))];

    private static PoolPod Pod(string name, int connections, int age = 9) =>
        new(name, Ready: true, Draining: false, Now.AddHours(-age)) { Connections = connections, Accepting = true };

    private static PoolPod Draining(string name, int connections) =>
        Pod(name, connections) with { Draining = true, Accepting = false, Told = TimeSpan.FromSeconds(5) };

    private static QuietSpell Quiet(int seconds, int most) => new(Now.AddSeconds(-seconds), most);
}
