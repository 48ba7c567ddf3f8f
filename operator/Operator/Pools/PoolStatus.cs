using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Pools;

/// <param name="Deployment">As the API server has it; null while there is none.</param>
/// <param name="Connections">Over all live nodes; null while Redis does not answer.</param>
/// <param name="RedisFault">What is wrong with Redis then.</param>
/// <param name="BusFault">What is wrong with the bus, null while it is well.</param>
/// <param name="Refusal">Reason and message of what a person must put right; null = all is applied.</param>
internal sealed record PoolObservation(
    PushPool Pool, V1Deployment? Deployment, long? Connections, string? RedisFault, string? BusFault, (string Reason, string Message)? Refusal, DateTimeOffset Now)
{
    /// <summary>What nodes that are to start lack, in words; they start by themselves once it is there.</summary>
    public string? MissingSecrets { get; init; }
}

/// <summary>A pool in a user's words. Pure.</summary>
internal static class PoolStatus
{
    public static PushPoolStatus Of(PoolObservation seen)
    {
        V1DeploymentStatus? deployment = seen.Deployment?.Status;
        return new PushPoolStatus
        {
            ObservedGeneration = seen.Pool.Generation(),
            Replicas = deployment?.Replicas ?? 0,
            ReadyReplicas = deployment?.ReadyReplicas ?? 0,
            Connections = seen.Connections ?? seen.Pool.Status.Connections,
            Selector = string.Join(',', PoolManifests.Selector(seen.Pool).Select(pair => $"{pair.Key}={pair.Value}")),
            Sessions = seen.Pool.EffectiveSessions(),
            Conditions = Conditions(seen),
        };
    }

    /// <summary>Every node that is wanted runs as it is wanted now.</summary>
    public static bool IsRolledOut(PoolObservation seen) =>
        seen.Deployment is { Status: { } status } deployment
        && status.ObservedGeneration >= deployment.Generation()
        && (status.UpdatedReplicas ?? 0) == seen.Pool.Spec.Replicas
        && (status.ReadyReplicas ?? 0) == seen.Pool.Spec.Replicas
        && (status.Replicas ?? 0) == seen.Pool.Spec.Replicas;

    private static IReadOnlyList<V1Condition> Conditions(PoolObservation seen)
    {
        var conditions = new ConditionList(seen.Pool.Status.Conditions, seen.Pool.Generation(), seen.Now);
        if (seen.Refusal is { } refusal)
        {
            conditions.Set(ConditionTypes.Ready, false, refusal.Reason, refusal.Message);
            conditions.Set(ConditionTypes.Stalled, true, refusal.Reason, refusal.Message);
            return conditions.Build();
        }
        int ready = seen.Deployment?.Status?.ReadyReplicas ?? 0;
        string message = $"{ready} of {seen.Pool.Spec.Replicas} push nodes are ready";
        if (IsRolledOut(seen))
        {
            (bool well, string reason, string then) = seen switch
            {
                { Connections: null } => (false, PoolReasons.RedisUnavailable, $"; the number of connections is not known. {seen.RedisFault}"),
                { BusFault: { } fault } => (false, PoolReasons.BusUnavailable, $"; they notice changes within 2 s all the same. {fault}"),
                _ => (true, PoolReasons.Available, ""),
            };
            conditions.Set(ConditionTypes.Ready, well, reason, message + then);
        }
        else
        {
            (string reason, string why) = seen.MissingSecrets is { } missing ? (PoolReasons.SecretNotFound, $"; {missing}") : (PoolReasons.Progressing, "");
            conditions.Set(ConditionTypes.Ready, false, reason, message + why);
            conditions.Set(ConditionTypes.Reconciling, true, reason, message + why);
        }
        return conditions.Build();
    }
}

/// <summary>The catalogue of reasons of a PushPool.</summary>
internal static class PoolReasons
{
    public const string Available = nameof(Available);
    public const string Progressing = nameof(Progressing);
    public const string RedisUnavailable = nameof(RedisUnavailable);
    public const string BusUnavailable = nameof(BusUnavailable);
    public const string InvalidSpec = nameof(InvalidSpec);
    public const string SecretNotFound = nameof(SecretNotFound);
    public const string Conflict = nameof(Conflict);
    public const string PasswordInPlainSight = nameof(PasswordInPlainSight);
    public const string NoDisruptionBudget = nameof(NoDisruptionBudget);
}
