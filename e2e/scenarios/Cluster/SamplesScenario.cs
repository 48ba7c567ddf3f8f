using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Somebody tries each file of <c>crds/samples</c> with kubectl, in a namespace of their own, and does what its comment tells them to do: pools become ready, campaigns reach their end, and
/// whom a comment promises to tell is told.
/// </summary>
internal sealed class SamplesScenario : IClusterScenario
{
    private const string Servers = $"{ChartRelease.Name}-servers";

    public string Name => "samples";

    public string Story => "Each file of crds/samples applies; its pools become ready, and its campaigns end as they say";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        // Another one each time: what was sent in a pool of that name is remembered, and would not be sent again.
        string space = $"e2e-samples-{stage.Time.GetUtcNow():MMddHHmmss}";
        await stage.MakeNamespaceAsync(space, cancellationToken);
        ClusterStage there = stage.In(space);
        try
        {
            await CopyServersAsync(stage, there, cancellationToken);
            await using SamplePools pools = new(there);
            Uri endpoint = await pools.ApplyDefaultAsync(cancellationToken);
            // The other pools come up while campaigns are told in this one.
            Task<IReadOnlyList<string>> others = pools.FaultsOfOthersAsync(cancellationToken);
            ScenarioOutcome campaigns = await new SampleCampaigns(there, endpoint).PlayAsync(cancellationToken);
            return campaigns with { Faults = [.. campaigns.Faults, .. await others] };
        }
        finally
        {
            await there.Kubectl.TryAsync(null, CancellationToken.None, "delete", "pushcampaigns,pushpools", "--all", "--timeout=60s");
            await there.Kubectl.TryAsync(null, CancellationToken.None, "delete", "namespace", space, "--wait=false");
        }
    }

    /// <summary>What an installation asks of whoever makes a pool in another namespace.</summary>
    private static async Task CopyServersAsync(ClusterStage stage, ClusterStage there, CancellationToken cancellationToken)
    {
        V1Secret servers = await stage.Kubernetes.GetAsync<V1Secret>(Servers, stage.Options.Namespace, cancellationToken)
            ?? throw new InvalidOperationException($"There is no Secret {Servers}.");
        // The second is what pool-pods-and-servers.yaml tells to make.
        foreach (string name in new[] { Servers, "push-servers" })
        {
            V1Secret copy = new()
            {
                Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = there.Options.Namespace },
                Data = servers.Data?.Where(pair => pair.Key is "redis" or "rabbitmq").ToDictionary(),
            };
            await there.Kubernetes.ApplyAsync(copy, ClusterStage.FieldManager, cancellationToken: cancellationToken);
        }
    }
}
