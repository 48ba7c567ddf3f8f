using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A pool that grows, shrinks and is replaced under its cars: the victims by name, nobody cut off without a bye, no delivery lost.</summary>
public sealed class PoolScaleTests(ScaledStage stage) : IClassFixture<ScaledStage>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CarsComeAndGo_ThePoolGrowsWithThem_AndShrinksToTheFullestNode()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(1);
        await pool.PatchAsync("""{"autoscale":{"minReplicas":1,"maxReplicas":3,"connectionsPerPod":10,"scaleDownAfterSeconds":2}}""");
        StagePod first = (await NodesAsync()).Single();
        await story.AddCarsAsync(5, null, first);
        await using VehicleFleet crowd = new(new FleetOptions { Endpoints = [stage.Stage.VehicleEndpointOf(first)] });
        await crowd.Add(new VehicleGroup("crowd", 20)).ConnectAsync(Token);

        await pool.UntilNodesAsync(3);
        StagePod[] others = [.. (await NodesAsync()).Where(pod => pod.Uid != first.Uid)];
        await story.AddCarsAsync(2, null, others[0], first);
        await story.AddCarsAsync(1, null, others[1], first);
        await Task.WhenAll(crowd.Groups.Select(group => group.DisconnectAsync()));

        await pool.UntilNodesAsync(1);
        (await pool.PodsAsync()).ShouldBe([first.Name]);
        await pool.NobodyWasCutOffAsync();
        pool.Byes.ShouldBe(3, "the cars of the two that went");
        await story.ApplyAsync(rate: 100);
        await story.EndsWellAsync();
    }

    [Fact]
    public async Task ScaledByHand_TheEmptiestNodeIsDrained_AndOnlyThenIsTheCountLowered()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(3);
        (StagePod victim, StagePod[] others) = await CrowdAsync(story);
        await story.ApplyAsync(rate: 100);
        await story.UntilToldAsync(story.Cars.Count);

        await pool.ScaleAsync(2);
        await story.UntilAsync("the drain to begin", async () => (await pool.DrainingAsync()).Count > 0);
        (await pool.DrainingAsync()).ShouldBe([victim.Name]);
        V1Deployment deployment = (await stage.Stage.Kubernetes.GetAsync<V1Deployment>("push-default", Manifests.Namespace, Token))!;
        await story.UntilAsync("the status to say so", async () => await pool.StatusAsync() is { Replicas: 2, DrainingReplicas: 1 });
        V1Scale scale = (await stage.Stage.Kubernetes.GetScaleAsync<PushPool>(Manifests.Pool, Manifests.Namespace, Token))!;

        await pool.UntilNodesAsync(2);
        deployment.Spec!.Replicas.ShouldBe(3, "its cars first");
        (scale.Status!.Replicas, scale.Status.Selector).ShouldBe((2, "pushplatform.io/pool=default,pushplatform.io/accepting=true"));
        (await pool.PodsAsync()).ShouldBe(others.Select(pod => pod.Name));
        await pool.NobodyWasCutOffAsync();
        pool.Byes.ShouldBe(2);
        await story.EndsWellAsync();
    }

    [Fact]
    public async Task ScaledBackInMidDrain_TheNodeIsCalledBack_AndTakesCarsAgain()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(3);
        (StagePod victim, _) = await CrowdAsync(story);
        IReadOnlyList<string> before = await pool.PodsAsync();

        await pool.ScaleAsync(2);
        await story.UntilAsync("the drain to begin", async () => (await pool.DrainingAsync()).Contains(victim.Name));
        await pool.ScaleAsync(3);

        await pool.UntilNodesAsync(3);
        (await pool.PodsAsync()).ShouldBe(before);
        await story.AddCarsAsync(4, null, victim);
        await story.UntilAsync("more cars to be held by it than before", async () => (await pool.CarsByPodAsync())[victim.Name] >= 4);
        await pool.NobodyWasCutOffAsync();
    }

    [Fact]
    public async Task OperatorIsKilledInMidDrain_TheNextOneGoesOnWithTheSameNode()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(3);
        (StagePod victim, StagePod[] others) = await CrowdAsync(story);

        await pool.ScaleAsync(2);
        await story.UntilAsync("the drain to begin", async () => (await pool.DrainingAsync()).Count > 0);
        stage.Stage.Pods.Kill((await stage.Stage.Pods.OperatorsAsync(Token)).Single());

        await pool.UntilNodesAsync(2);
        (await pool.PodsAsync()).ShouldBe(others.Select(pod => pod.Name), $"{victim.Name} was chosen before");
        await pool.NobodyWasCutOffAsync();
    }

    [Fact]
    public async Task ACampaignIsPushing_FewerNodesWaitUntilItsCarsAreTold()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(3);
        (StagePod victim, StagePod[] others) = await CrowdAsync(story);
        await story.AddCarsAsync(40, null, others[0]);
        await story.ApplyAsync(rate: 1);
        await story.UntilPhaseAsync(CampaignPhase.Pushing);

        await pool.ScaleAsync(2);
        await story.UntilAsync("the pool to say why it waits", async () =>
            (await pool.StatusAsync()).Conditions?.Any(condition => condition.Message.Contains("is pushing", StringComparison.Ordinal)) == true);
        (await pool.DrainingAsync()).ShouldBeEmpty();
        story.Told.ShouldBeLessThan(story.Cars.Count, "it is pushing still");

        await story.PatchAsync("""{"pace":{"maxPerSecond":1000}}""");
        await story.EndsWellAsync();
        pool.Byes.ShouldBe(0);
        await pool.UntilNodesAsync(2);
        (await pool.PodsAsync()).ShouldBe(others.Select(pod => pod.Name), $"{victim.Name} was the emptiest");
        await pool.NobodyWasCutOffAsync();
    }

    [Fact]
    public async Task NodesAreReplacedInMidPush_NoDeliveryIsLost_AndEveryCarIsToldToGo()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        PoolStory pool = new(story, Token);
        await pool.BeginAsync(2);
        await story.AddCarsAsync(24);
        IReadOnlyList<string> before = await pool.PodsAsync();
        await story.ApplyAsync(rate: 2);
        await story.UntilToldAsync(1);

        await pool.PatchAsync("""{"template":{"podAnnotations":{"example.com/rolled":"once"}}}""");
        await story.UntilAsync("the old nodes to be gone", async () => !(await pool.PodsAsync()).Intersect(before).Any());
        await pool.UntilNodesAsync(2);

        await pool.NobodyWasCutOffAsync();
        pool.Byes.ShouldBeGreaterThanOrEqualTo(24);
        await story.EndsWellAsync();
    }

    private Task<IReadOnlyList<StagePod>> NodesAsync() => stage.Stage.Pods.NodesAsync(Token);

    /// <summary>Two cars on one of three nodes, which is the victim then, and more on the others.</summary>
    private async Task<(StagePod Victim, StagePod[] Others)> CrowdAsync(FaultStory story)
    {
        StagePod[] nodes = [.. await NodesAsync()];
        await story.AddCarsAsync(2, null, nodes[1], nodes[0], nodes[2]);
        await story.AddCarsAsync(5, null, nodes[0]);
        await story.AddCarsAsync(6, null, nodes[2]);
        PoolStory pool = new(story, Token);
        await story.UntilAsync("the nodes to say what they hold", async () =>
            await pool.CarsByPodAsync() is var held && nodes.Select(node => held.GetValueOrDefault(node.Name)).SequenceEqual([5, 2, 6]));
        return (nodes[1], [nodes[0], nodes[2]]);
    }
}
