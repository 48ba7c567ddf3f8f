using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>Pools in every state that the operator writes, in its own words.</summary>
internal static class PoolScenes
{
    private static readonly PoolObservation Well = new(NewPool(), NewDeployment(2), Connections: 7, RedisFault: null, BusFault: null, Refusal: null, DateTimeOffset.UnixEpoch);

    private static readonly Dictionary<string, PoolObservation?> Scenes = new()
    {
        ["not seen yet"] = null,
        ["well"] = Well,
        ["no Deployment yet"] = Well with { Deployment = null },
        ["one node is not ready"] = Well with { Deployment = NewDeployment(1) },
        ["a Secret is missing"] = Well with { Deployment = NewDeployment(0), MissingSecrets = "there is no Secret keys" },
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

    private static V1Deployment NewDeployment(int ready) => new()
    {
        Metadata = new V1ObjectMeta { Name = "push-default", NamespaceProperty = "fleet", Generation = 1 },
        Status = new V1DeploymentStatus { ObservedGeneration = 1, Replicas = 2, UpdatedReplicas = 2, ReadyReplicas = ready },
    };
}
