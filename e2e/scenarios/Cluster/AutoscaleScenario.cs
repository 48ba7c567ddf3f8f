using PushPlatform.Fleet;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// A pool follows its cars, from one node to four and back to one; then an HPA sets its size. Nodes that go are chosen by the operator: the emptiest, which say bye to
/// their cars first. Campaigns are told while it grows, when it has shrunk, and while it is to shrink.
/// </summary>
internal sealed class AutoscaleScenario : IClusterScenario
{
    // So few cars need little; four nodes with what an installation gives to one have no room beside the chart's on a small machine.
    private static readonly string Pool = $$"""
        {autoscale: {minReplicas: 1, maxReplicas: 4, connectionsPerPod: {{AutoscaleStory.CarsPerNode}}, scaleDownAfterSeconds: 5},
         auth: {type: None}, service: {type: NodePort}, drainSeconds: 5,
         template: {resources: {requests: {cpu: 20m, memory: 128Mi}, limits: {memory: 256Mi} } } }
        """;

    public string Name => "autoscale";

    public string Story => "A pool grows from 1 to 4 nodes with its cars and shrinks by drain, by itself and by an HPA; campaigns tell each car once";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        await using OwnPool pool = await OwnPool.MakeAsync(stage, Name, Pool, cancellationToken);
        await using VehicleFleet fleet = stage.NewFleet(pool.Endpoint);
        AutoscaleStory story = new(stage, pool, fleet, new ScenarioRun(stage, Name));
        string first = await story.GrowAsync(cancellationToken);
        string keeper = await story.ShrinkAsync(first, cancellationToken);
        await story.FollowHpaAsync(keeper, cancellationToken);
        return story.Outcome;
    }
}
