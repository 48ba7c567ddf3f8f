using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Somebody empties machines while a campaign runs: the pool's nodes are asked for through the Eviction API, all at once and again and again, as kubectl drain does. The disruption
/// budget lets one go at a time; each car gets its bye and is told once.
/// </summary>
internal sealed class EvictionScenario : IClusterScenario
{
    private const int Cars = 400;

    public string Name => "eviction";

    public string Story => "All of the pool's nodes are to be evicted in mid-campaign; the disruption budget lets one go at a time";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        bool current = await stage.Kubernetes.ServesAsync<V1PodDisruptionBudget>(cancellationToken);
        if (!current)
        {
            stage.Say("Skipped: the pool's own disruption budget. It is of policy/v1, which this server does not have; one like it of policy/v1beta1 takes its place");
            await ApplyBudgetAsync(stage, cancellationToken);
        }
        try
        {
            await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
            await EvictAllAsync(stage, story, current ? "v1" : "v1beta1", cancellationToken);
            story.JudgeByes();
            return await story.EndAsync(cancellationToken);
        }
        finally
        {
            if (!current)
            {
                await stage.Kubectl.RunAsync(CancellationToken.None, "delete", "poddisruptionbudget", "e2e-eviction");
            }
        }
    }

    private static async Task EvictAllAsync(ClusterStage stage, CampaignStory story, string version, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> before = await stage.Pods.NodesAsync(cancellationToken);
        HashSet<string> left = [.. before];
        int refused = 0;
        await story.MeanwhileAsync($"{string.Join(" and ", before)} are to be evicted", async () =>
        {
            await stage.UntilAsync(
                "all evictions to be granted",
                async token =>
                {
                    int granted = 0;
                    foreach (string node in left.ToList())
                    {
                        if (await EvictAsync(stage, node, version, token))
                        {
                            stage.Say($"{node} may go");
                            granted++;
                            left.Remove(node);
                        }
                        else
                        {
                            refused++;
                        }
                    }
                    if (granted > 1)
                    {
                        story.Fault($"{granted} nodes were let go at once");
                    }
                    return left.Count == 0;
                },
                cancellationToken);
            await stage.Pods.WhenReplacedAsync(before, cancellationToken);
            await story.WhenAllHaveMovedAsync(cancellationToken);
        });
        stage.Say($"{refused} evictions were refused until it was their turn");
        if (refused == 0)
        {
            story.Fault("the budget refused nothing");
        }
    }

    /// <summary>False when the budget does not allow it now.</summary>
    private static async Task<bool> EvictAsync(ClusterStage stage, string node, string version, CancellationToken cancellationToken)
    {
        string space = stage.Options.Namespace;
        string eviction = $$$"""{"apiVersion": "policy/{{{version}}}", "kind": "Eviction", "metadata": {"name": "{{{node}}}", "namespace": "{{{space}}}"}}""";
        (int code, string said) = await stage.Kubectl.TryAsync(eviction, cancellationToken, "create", "--raw", $"/api/v1/namespaces/{space}/pods/{node}/eviction", "--filename", "-");
        return code == 0 || (said.Contains("disruption budget", StringComparison.Ordinal) ? false : throw new InvalidOperationException($"The eviction of {node}: {said}"));
    }

    private static async Task ApplyBudgetAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        const string Budget = """
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: {name: e2e-eviction}
            spec: {maxUnavailable: 1, selector: {matchLabels: {pushplatform.io/pool: default}}}
            """;
        await stage.Kubectl.ApplyAsync(Budget, cancellationToken);
        await stage.UntilAsync(
            "the budget to count the nodes",
            async token => await stage.Kubectl.RunAsync(token, "get", "poddisruptionbudget", "e2e-eviction", "--output", "jsonpath={.status.disruptionsAllowed}") == "1",
            cancellationToken);
    }
}
