using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>What must hold of a pool's size whatever happens, in whatever order, wherever the operator dies.</summary>
public sealed class ScalePlanProperties
{
    private static readonly Autoscale Rule = new() { MinReplicas = 1, MaxReplicas = 8, ConnectionsPerPod = 10, ScaleDownAfterSeconds = 60 };

    private enum Happening
    {
        Pass,
        OperatorDies,
        ReplicaSetActs,
        NodesBeat,
        CarsCome,
        CarsLeave,
        MinutePasses,
        FewerAreAskedFor,
        MoreAreAskedFor,
        PushBegins,
        PushEnds,
        RedisGoes,
        RedisIsBack,
        RedisForgets,
    }

    private static readonly Gen<(Happening, int)[]> Histories = Gen.Frequency(
        (30, Gen.Constant(Happening.Pass)),
        (20, Gen.Constant(Happening.ReplicaSetActs)),
        (20, Gen.Constant(Happening.NodesBeat)),
        (10, Gen.Elements(Happening.CarsCome, Happening.CarsLeave)),
        (8, Gen.Elements(Happening.OperatorDies, Happening.MinutePasses)),
        (6, Gen.Elements(Happening.FewerAreAskedFor, Happening.MoreAreAskedFor)),
        (2, Gen.Elements(Happening.PushBegins, Happening.PushEnds, Happening.RedisGoes, Happening.RedisIsBack, Happening.RedisForgets)))
        .SelectMany(happening => Gen.Choose(0, 9).Select(number => (happening, number))).ArrayOf(120);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnyHistory_NoNodeWithCarsIsGivenUp_WhateverAReplicaSetChooses(bool autoscale)
    {
        int given = 0;
        Prop.ForAll(Histories.ToArbitrary(), history => Play(new ScaleWorld(autoscale ? Rule : null), history, victim =>
        {
            given++;
            victim.Cars.ShouldBe(0);
        })).QuickCheckThrowOnFailure();
        given.ShouldBeGreaterThan(20, "or the property holds because nothing ever goes");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnyHistory_LeftAlone_EndsWithWhatIsWanted_AndNobodyDrained(bool autoscale) => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        ScaleWorld world = new(autoscale ? Rule : null);
        Play(world, history, _ => { });
        (world.Pushing, world.RedisAnswers) = (false, true);
        for (int turn = 0; turn < 200; turn++)
        {
            Play(world, [(Happening.Pass, 0), (Happening.ReplicaSetActs, turn), (Happening.NodesBeat, 0), (Happening.MinutePasses, 0)], _ => { });
        }

        int wanted = autoscale ? Math.Clamp((world.Cars + 8) / 9, 1, 8) : world.Replicas;
        int most = autoscale ? Math.Clamp((world.Cars + 9) / 10, 1, 8) : world.Replicas;
        world.Pods.ShouldAllBe(pod => !pod.Marked && pod.Ready);
        world.Asked.ShouldBe(world.Pods.Count);
        world.Asked.ShouldBeInRange(most, wanted);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyHistory_WhileACampaignPushes_NobodyIsMarked_AndTheCountNeverFalls() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        ScaleWorld world = new(autoscale: null);
        foreach ((Happening, int) happening in history)
        {
            Play(world, [happening], _ => { });
            if (world.Pushing)
            {
                ScaleDecision decision = world.Decide();
                decision.Mark.ShouldBeEmpty();
                decision.Replicas.ShouldBeGreaterThanOrEqualTo(world.Asked);
            }
        }
    }).QuickCheckThrowOnFailure();

    private static void Play(ScaleWorld world, IEnumerable<(Happening, int)> history, Action<SimulatedPod> given)
    {
        foreach ((Happening happening, int number) in history)
        {
            switch (happening)
            {
                case Happening.Pass:
                    world.Pass();
                    break;
                case Happening.OperatorDies:
                    world.Pass(writes: number);
                    break;
                case Happening.ReplicaSetActs when world.ReplicaSetActs(number) is { } victim:
                    given(victim);
                    break;
                case Happening.NodesBeat:
                    world.NodesBeat();
                    break;
                case Happening.CarsCome:
                    world.Come(3 * number);
                    break;
                case Happening.CarsLeave:
                    world.Leave(3 * number);
                    break;
                case Happening.MinutePasses:
                    world.TimePasses(TimeSpan.FromMinutes(1));
                    break;
                case Happening.FewerAreAskedFor:
                    world.Replicas = Math.Max(1, world.Replicas - number);
                    break;
                case Happening.MoreAreAskedFor:
                    world.Replicas = Math.Min(8, world.Replicas + number);
                    break;
                case Happening.PushBegins or Happening.PushEnds:
                    world.Pushing = happening == Happening.PushBegins;
                    break;
                case Happening.RedisForgets:
                    world.RedisForgets();
                    break;
                case Happening.RedisGoes or Happening.RedisIsBack:
                    world.RedisAnswers = happening == Happening.RedisIsBack;
                    break;
            }
        }
    }
}
