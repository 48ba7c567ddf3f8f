using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>Pools in every state that the operator writes, in its own words.</summary>
internal static class PoolScenes
{
    private static readonly ScaleDecision Two = new() { Replicas = 2, Serving = 2 };

    private static readonly PoolObservation Well = new(
        NewPool(), NewDeployment(), NewPods(ready: 2), Two, Connections: 7, RedisFault: null, BusFault: null, Refusal: null, Now: DateTimeOffset.UnixEpoch);

    private static readonly Dictionary<string, PoolObservation?> Scenes = new()
    {
        ["not seen yet"] = null,
        ["well"] = Well,
        ["no Deployment yet"] = Well with { Deployment = null, Pods = [] },
        ["one node is not ready"] = Well with { Pods = NewPods(ready: 1) },
        ["a Secret is missing"] = Well with { Pods = NewPods(ready: 0), MissingSecrets = "there is no Secret keys" },
        ["a node is drained"] = Well with { Scale = Two with { Serving = 1, Mark = ["pod-1"], Draining = ["pod-1"] } },
        ["a push holds fewer nodes up"] = Well with { Scale = Two with { Held = "campaign brakes is pushing" } },
        ["Redis away"] = Well with { Connections = null, RedisFault = "Redis does not answer" },
        ["bus away"] = Well with { BusFault = "RabbitMQ does not answer" },
        ["invalid"] = Well with { Refusal = (PoolReasons.InvalidSpec, "spec.auth is missing") },
        ["a foreign Deployment in the way"] = Well with { Refusal = (PoolReasons.Conflict, "there is a Deployment of that name") },
    };

    public static IEnumerable<string> Names => Scenes.Keys;

    public static PushPool Of(string name) => Scenes[name] is { } seen
        ? new PushPool { Metadata = seen.Pool.Metadata, Spec = seen.Pool.Spec, Status = PoolStatus.Of(seen) }
        : new PushPool { Metadata = Well.Pool.Metadata, Spec = Well.Pool.Spec, Status = AsCreated.Of<PushPoolStatus>("pushpools") };

    private static PushPool NewPool() => new()
    {
        Metadata = new V1ObjectMeta { Name = "default", NamespaceProperty = "fleet", Uid = "uid-1", Generation = 3 },
        Spec = new PushPoolSpec { Auth = new() { Type = AuthType.None }, Replicas = 2 },
    };

    private static V1Deployment NewDeployment() => new()
    {
        Metadata = new V1ObjectMeta { Name = "push-default", NamespaceProperty = "fleet", Generation = 1 },
        Status = new V1DeploymentStatus { ObservedGeneration = 1, Replicas = 2, UpdatedReplicas = 2 },
    };

    private static PoolPod[] NewPods(int ready) =>
        [.. Enumerable.Range(0, 2).Select(i => new PoolPod($"pod-{i}", i < ready, Draining: false, DateTimeOffset.UnixEpoch))];
}
