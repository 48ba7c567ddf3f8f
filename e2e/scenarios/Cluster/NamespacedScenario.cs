using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Two teams have a release each, in namespaces of their own. Campaigns of the same name run in both at once, each to its own cars; a campaign in a namespace that nobody
/// watches is touched by none, until an operator for all namespaces is back.
/// </summary>
internal sealed class NamespacedScenario : IClusterScenario
{
    private const int CarsOfEach = 60;
    private const string Nobodys = "e2e-nobodys";

    private static readonly string[] Rights =
    [
        "list pushcampaigns.pushplatform.io", "watch pushcampaigns.pushplatform.io", "patch pushcampaigns.pushplatform.io:status", "list pushpools.pushplatform.io", "get configmaps",
        "list pods", "patch pods", "create deployments.apps", "get leases.coordination.k8s.io/push-operator-leader",
    ];

    public string Name => "namespaced";

    public string Story => "Two releases, each for its own namespace: each tells its own cars, and can neither touch nor read anything else";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        PushCampaign nobodys = new ScenarioRun(stage, Name).HeldCampaign(1);
        nobodys.Metadata.NamespaceProperty = Nobodys;
        await stage.MakeNamespaceAsync(Nobodys, cancellationToken);
        try
        {
            ScenarioOutcome outcome = await PlayBothAsync(stage, nobodys, cancellationToken);
            await stage.UntilAsync(
                "an operator for all namespaces to see the campaign that nobody watched",
                async token => await stage.Kubernetes.GetAsync<PushCampaign>(nobodys.Metadata.Name!, Nobodys, token) is { } seen && IsSeen(seen),
                cancellationToken);
            return outcome;
        }
        finally
        {
            await stage.Kubectl.RunAsync(CancellationToken.None, "delete", "pushcampaigns", "--all", "--namespace", Nobodys, "--timeout=60s");
            await stage.Kubectl.RunAsync(CancellationToken.None, "delete", "namespace", Nobodys, "--wait=false");
        }
    }

    private async Task<ScenarioOutcome> PlayBothAsync(ClusterStage stage, PushCampaign nobodys, CancellationToken cancellationToken)
    {
        await using OwnNamespaces own = await OwnNamespaces.BeginAsync(stage, cancellationToken);
        await stage.ApplyAsync(nobodys, cancellationToken);
        List<string> faults = [.. await RightsFaultsAsync(stage, own.Stage, cancellationToken)];
        await using CampaignStory theirs = await CampaignStory.BeginAsync(own.Stage, Name, CarsOfEach, cancellationToken);
        await using CampaignStory ours = await CampaignStory.BeginAsync(stage, Name, CarsOfEach, cancellationToken);
        ScenarioOutcome second = await theirs.EndAsync(cancellationToken);
        ScenarioOutcome first = await ours.EndAsync(cancellationToken);
        stage.Say("Both campaigns are complete");
        if (await stage.Kubernetes.GetAsync<PushCampaign>(nobodys.Metadata.Name!, Nobodys, cancellationToken) is not { Metadata.Finalizers: null or { Count: 0 } } untouched || IsSeen(untouched))
        {
            faults.Add($"somebody touched the campaign in {Nobodys}");
        }
        ScenarioOutcome both = first.And(second);
        return both with { Faults = [.. faults, .. both.Faults] };
    }

    // Its definition gives it a status from the beginning, of generation -1.
    private static bool IsSeen(PushCampaign campaign) => campaign.Status is { ObservedGeneration: > 0 };

    /// <summary>Each operator may in its own namespace what it may not in the other's.</summary>
    private static async Task<IEnumerable<string>> RightsFaultsAsync(ClusterStage one, ClusterStage other, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach ((ClusterStage whose, ClusterStage where) in new[] { (one, one), (one, other), (other, other), (other, one) })
        {
            bool must = whose == where;
            string account = $"{whose.Options.Namespace}:{ChartRelease.Name}-operator";
            foreach (string right in Rights)
            {
                if (await where.Kubectl.MayAsync(account, right, cancellationToken) != must)
                {
                    faults.Add($"{account} {(must ? "must be able to" : "must not")} {right} in {where.Options.Namespace}");
                }
            }
        }
        one.Say($"{Rights.Length} rights are each operator's in its own namespace, and none in the other: {faults.Count} not as they must be");
        return faults;
    }
}
