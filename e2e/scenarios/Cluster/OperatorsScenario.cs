using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Somebody installs the operator a second time, for all namespaces as the first: two lead at once and decide about the same campaign. A hold that is set, lifted and set again
/// is kept by both; then the first one's Lease is taken away, so that there may be a third. Each car is told once.
/// </summary>
internal sealed class OperatorsScenario : IClusterScenario
{
    private const int Cars = 120;
    private const int ToldAfter = 15;
    private const string Space = "e2e-second";
    private const string Lease = "push-operator-leader";

    // Stop means stop, within this time.
    private static readonly TimeSpan ToStop = TimeSpan.FromSeconds(2);

    // Both operators look at a live campaign each second, and tell the nodes every five.
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(12);

    public string Name => "operators";

    public string Story => "Two operators lead at once; a hold in between is kept, and each car is told once";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        stage.Say("The operator is installed a second time");
        await using SecondRelease second = await SecondRelease.InstallAsync(stage, Space, cancellationToken, "watchAllNamespaces=true", "pool.enabled=false");
        string nodes = await NodesAsync(stage, cancellationToken);
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        await story.MeanwhileAsync("It is held, let go and held again by a person, at once", () => HoldAsync(stage, story, cancellationToken));
        foreach (string space in new[] { stage.Options.Namespace, Space })
        {
            await WhenDecidesAsync(stage, space, story.Name, cancellationToken);
        }
        await story.MeanwhileAsync("Let go. The first one's Lease is taken away", async () =>
        {
            await stage.Kubectl.RunAsync(cancellationToken, "delete", "lease", Lease);
            await story.WhenMoreAreToldAsync(ToldAfter, cancellationToken);
            await WhenDecidesAsync(stage, stage.Options.Namespace, story.Name, cancellationToken);
        });
        if (await NodesAsync(stage, cancellationToken) is var after && after != nodes)
        {
            story.Fault($"the nodes were {nodes}, and are {after}: the operators are not of one mind");
        }
        return await story.EndAsync(cancellationToken);
    }

    private static async Task HoldAsync(ClusterStage stage, CampaignStory story, CancellationToken cancellationToken)
    {
        foreach (bool suspend in new[] { true, false, true })
        {
            await stage.SuspendAsync(story.Name, suspend, cancellationToken);
        }
        DateTimeOffset held = stage.Time.GetUtcNow();
        HashSet<CampaignPhase?> phases = [];
        await stage.UntilAsync(
            "the end of the hold",
            async token =>
            {
                PushCampaign? campaign = await stage.Kubernetes.GetAsync<PushCampaign>(story.Name, stage.Options.Namespace, token);
                TimeSpan since = stage.Time.GetUtcNow() - held;
                if (since > ToStop)
                {
                    phases.Add(campaign?.Status?.Phase);
                }
                return since > Hold;
            },
            cancellationToken);
        DateTimeOffset letGo = stage.Time.GetUtcNow();
        int late = story.Cars.Count(car => car.Seen.Any(seen => seen.FirstAt > held + ToStop && seen.FirstAt < letGo));
        if (late > 0)
        {
            story.Fault($"{late} cars were told while the campaign was on hold");
        }
        if (!phases.SetEquals([CampaignPhase.Suspended]))
        {
            story.Fault($"on hold, the status said {string.Join(" and ", phases)}");
        }
        await stage.SuspendAsync(story.Name, false, cancellationToken);
    }

    /// <summary>The holder of that namespace's Lease counts what becomes of the campaign.</summary>
    private static Task WhenDecidesAsync(ClusterStage stage, string space, string campaign, CancellationToken cancellationToken) => stage.UntilAsync(
        $"the leader in {space} to decide about {campaign}",
        async token =>
        {
            V1Lease? lease = await stage.Kubernetes.GetAsync<V1Lease>(Lease, space, token);
            if (lease?.Spec?.HolderIdentity?.Split('_')[0] is not { Length: > 0 } leader)
            {
                return false;
            }
            (int code, string said) = await stage.Kubectl.TryAsync(null, token, "get", "--raw", $"/api/v1/namespaces/{space}/pods/{leader}:8081/proxy/metrics");
            return code == 0 && said.Split('\n').Any(line => line.StartsWith("push_campaign_targets", StringComparison.Ordinal) && line.Contains(campaign, StringComparison.Ordinal));
        },
        cancellationToken);

    /// <summary>The nodes' pods, and how often what they are to be was changed.</summary>
    private static async Task<string> NodesAsync(ClusterStage stage, CancellationToken cancellationToken) =>
        $"{string.Join(' ', await stage.Pods.NodesAsync(cancellationToken))} of generation "
            + await stage.Kubectl.RunAsync(cancellationToken, "get", "deployment", $"push-{ClusterOptions.Pool}", "--output", "jsonpath={.metadata.generation}");
}
