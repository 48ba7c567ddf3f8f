namespace PushPlatform.Scenarios.Cluster;

/// <summary>A person upgrades the release while a campaign runs: operator and nodes become other pods. Each car gets its bye, and is told once.</summary>
internal sealed class UpgradeScenario : IClusterScenario
{
    private const int Cars = 200;

    public string Name => "upgrade";

    public string Story => "helm upgrade renews operator and nodes in mid-campaign; nothing is lost and nothing comes twice";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        IReadOnlyList<string> nodes = await stage.Pods.NodesAsync(cancellationToken);
        IReadOnlyList<string> operators = await stage.Pods.OperatorsAsync(cancellationToken);
        await story.MeanwhileAsync("helm upgrade, with other values for operator and nodes", async () =>
        {
            string mark = $"{stage.Time.GetUtcNow():MMddHHmmss}";
            await stage.Release.UpgradeAsync(cancellationToken, $"operator.podAnnotations.e2e-upgrade=at-{mark}", $"pool.spec.template.podAnnotations.e2e-upgrade=at-{mark}");
            await stage.Pods.WhenReplacedAsync(nodes, cancellationToken);
            await story.WhenAllHaveMovedAsync(cancellationToken);
        });
        if ((await stage.Pods.OperatorsAsync(cancellationToken)).Intersect(operators).Any())
        {
            story.Fault("an operator of before is still there");
        }
        story.JudgeByes();
        return await story.EndAsync(cancellationToken);
    }
}
