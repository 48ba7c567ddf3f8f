namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// A trial, whose Redis and RabbitMQ are part of the release, is uninstalled while a campaign runs, and installed again. Meanwhile nobody is told, as the ledger is away; its
/// volume stays, and so do campaign, pool and nodes, which find the new servers by themselves. Each car is told once.
/// </summary>
internal sealed class ReinstallScenario : IClusterScenario
{
    private const int Cars = 80;
    private const int ToldBefore = 10;

    public string Name => "reinstall";

    public string Story => "A release with Redis and RabbitMQ of its own is uninstalled in mid-campaign and installed again; each car is told once";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        string values = await stage.Release.ValuesAsync(cancellationToken);
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        await story.WhenMoreAreToldAsync(ToldBefore, cancellationToken);
        IReadOnlyList<string> nodes = await stage.Pods.NodesAsync(cancellationToken);
        await story.MeanwhileAsync("helm uninstall", async () =>
        {
            await stage.Release.UninstallAsync(cancellationToken);
            try
            {
                await stage.Pods.WhenUninstalledAsync(cancellationToken);
                stage.Say($"Servers and operator are gone. {story.Told} cars are told. Installed again");
            }
            finally
            {
                // Cars come back to nginx where it was.
                await stage.Release.InstallAsync(values, [$"nginx.service.nodePort={stage.Options.Nginx.Port}"], CancellationToken.None);
            }
            await story.WhenMoreAreToldAsync(1, cancellationToken);
        });
        await stage.UntilAsync("the nodes to be ready again", async token => (await stage.Pods.NodesAsync(token)).Count >= nodes.Count, cancellationToken);
        if (!(await stage.Pods.NodesAsync(cancellationToken)).SequenceEqual(nodes))
        {
            story.Fault("the nodes are not those of before");
        }
        return await story.EndAsync(cancellationToken);
    }
}
