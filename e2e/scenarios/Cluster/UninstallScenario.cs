using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// A team uninstalls its release while a campaign runs. Campaign, pool, nodes and cars stay, and the nodes go on telling cars, with no operator anywhere. Installed again
/// under the same name, the release takes all of it over and ends it. Redis and RabbitMQ are not the release's own: bundled ones go with theirs.
/// </summary>
internal sealed class UninstallScenario : IClusterScenario
{
    private const int Cars = 120;
    private const int ToldWithout = 30;

    public string Name => "uninstall";

    public string Story => "helm uninstall in mid-campaign: nodes and cars stay, and it goes on; installed again, the release takes over and ends it";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        await using OwnNamespaces own = await OwnNamespaces.BeginAsync(stage, cancellationToken);
        await using CampaignStory story = await CampaignStory.BeginAsync(own.Stage, Name, Cars, cancellationToken);
        IReadOnlyList<string> nodes = await own.Stage.Pods.NodesAsync(cancellationToken);
        (string?, string?) before = await ResourcesAsync(own.Stage, story, cancellationToken);
        await story.MeanwhileAsync("helm uninstall", async () =>
        {
            await own.Team.Release.UninstallAsync(cancellationToken);
            await own.Stage.Pods.WhenUninstalledAsync(cancellationToken);
            stage.Say($"There is no operator. {story.Told} cars are told");
            await story.WhenMoreAreToldAsync(ToldWithout, cancellationToken);
            stage.Say($"{story.Told} are. Installed again");
            await own.Team.InstallAsync(cancellationToken);
        });
        if (await ResourcesAsync(own.Stage, story, cancellationToken) != before)
        {
            story.Fault("pool or campaign are not those of before");
        }
        if (!(await own.Stage.Pods.NodesAsync(cancellationToken)).SequenceEqual(nodes))
        {
            story.Fault("the nodes are not those of before");
        }
        int moved = story.Cars.Count(car => car.Connects != 1);
        if (moved > 0)
        {
            story.Fault($"{moved} cars had to come back");
        }
        return await story.EndAsync(cancellationToken);
    }

    /// <summary>What tells them from others of the same name.</summary>
    private static async Task<(string? Pool, string? Campaign)> ResourcesAsync(ClusterStage stage, CampaignStory story, CancellationToken cancellationToken) =>
        ((await stage.Kubernetes.GetAsync<PushPool>(ClusterOptions.Pool, stage.Options.Namespace, cancellationToken))?.Metadata.Uid,
            (await stage.Kubernetes.GetAsync<PushCampaign>(story.Name, stage.Options.Namespace, cancellationToken))?.Metadata.Uid);
}
