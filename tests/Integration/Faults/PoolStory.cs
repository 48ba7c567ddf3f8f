using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A pool that is scaled: its pods by name, those that were deleted with what they said last, and what its cars saw of it.</summary>
internal sealed class PoolStory(FaultStory story, CancellationToken token)
{
    private readonly PoolName _name = new(Manifests.Namespace, Manifests.Pool);

    private Stage Stage => story.Stage;

    /// <summary>Sets the pool's spec; null takes a member away.</summary>
    public Task PatchAsync(string spec) => Stage.Kubernetes.PatchAsync<PushPool>(
        V1Patch.Merge(new JsonObject { ["spec"] = JsonNode.Parse(spec) }), Manifests.Pool, Manifests.Namespace, cancellationToken: token);

    /// <summary>What <c>kubectl scale</c>, an HPA or KEDA do.</summary>
    public Task ScaleAsync(int replicas) => Stage.Kubernetes.PatchScaleAsync<PushPool>(Manifests.Pool, Manifests.Namespace, replicas, cancellationToken: token);

    public async Task<PushPool> PoolAsync() => (await Stage.Kubernetes.GetAsync<PushPool>(Manifests.Pool, Manifests.Namespace, token))!;

    public async Task<PushPoolStatus> StatusAsync() => (await PoolAsync()).Status;

    /// <summary>A pool of so many nodes, without cars.</summary>
    public async Task BeginAsync(int nodes)
    {
        await PatchAsync($$"""{"autoscale":null,"replicas":{{nodes}}}""");
        await UntilNodesAsync(nodes);
    }

    /// <summary>The pods that are not being deleted, by name.</summary>
    public async Task<IReadOnlyList<string>> PodsAsync() => [.. (await Stage.Pods.NodesAsync(token)).Select(pod => pod.Name)];

    /// <summary>The pods that are being drained.</summary>
    public async Task<IReadOnlyList<string>> DrainingAsync() =>
        [.. (await Stage.Kubernetes.ListAsync<V1Pod>(Manifests.Namespace, labelSelector: "pushplatform.io/accepting=false", cancellationToken: token)).Items
            .Where(pod => !pod.IsBeingDeleted()).Select(pod => pod.Name()).Order(StringComparer.Ordinal)];

    /// <summary>Cars on each pod, as its node says.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CarsByPodAsync() =>
        (await story.Nodes.LiveNodesAsync(_name, token)).ToDictionary(beat => beat.Pod, beat => beat.Connections);

    /// <summary>The pool has so many nodes, all ready, and drains none.</summary>
    public Task UntilNodesAsync(int nodes) => story.UntilAsync($"a pool of {nodes} nodes", async () =>
        await StatusAsync() is { DrainingReplicas: 0 } status && status.Replicas == nodes && status.ReadyReplicas == nodes && (await PodsAsync()).Count == nodes);

    /// <summary>The cars stand well: each is connected, and heard <c>bye</c> before each time it was not.</summary>
    public async Task NobodyWasCutOffAsync()
    {
        await story.UntilAsync("all cars to be connected", () => Task.FromResult(story.Cars.All(car => car.IsConnected)));
        // 1012 is the close code of bye draining; 503 is told to who knocks at a node that has begun to drain.
        story.Cars.SelectMany(car => car.Disconnects.Keys).Distinct().Except(["1012", "HTTP 503"]).ShouldBeEmpty();
    }

    /// <summary>How often cars were told to go elsewhere.</summary>
    public int Byes => story.Cars.Sum(car => car.Disconnects.GetValueOrDefault("1012"));
}
