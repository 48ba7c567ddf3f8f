using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Pools;

/// <param name="Deployment">As the API server has it; null while there is none.</param>
/// <param name="Pods">As they were before the decision.</param>
/// <param name="Scale">What was decided about their number; null when nothing was.</param>
/// <param name="Connections">Over all live nodes; null while Redis does not answer.</param>
/// <param name="RedisFault">What is wrong with Redis then.</param>
/// <param name="BusFault">What is wrong with the bus, null while it is well.</param>
/// <param name="Refusal">Reason and message of what a person must put right; null = all is applied.</param>
internal sealed record PoolObservation(
    PushPool Pool, V1Deployment? Deployment, IReadOnlyList<PoolPod> Pods, ScaleDecision? Scale, long? Connections, string? RedisFault, string? BusFault,
    (string Reason, string Message)? Refusal, DateTimeOffset Now)
{
    /// <summary>The pods that are being drained, by now.</summary>
    public IReadOnlyList<PoolPod> Draining => [.. Pods.Where(pod => !pod.Ending && IsDraining(pod))];

    /// <summary>The others.</summary>
    public IReadOnlyList<PoolPod> Serving => [.. Pods.Where(pod => !pod.Ending && !IsDraining(pod))];

    private bool IsDraining(PoolPod pod) => Scale is null ? pod.Draining : Scale.Draining.Contains(pod.Name);

    /// <summary>What nodes that are to start lack, in words; they start by themselves once it is there.</summary>
    public string? MissingSecrets { get; init; }

    /// <summary>Where the operator that looks answers questions about cars.</summary>
    public string? InquiryAddress { get; init; }
}

/// <summary>A pool in a user's words. Pure.</summary>
internal static class PoolStatus
{
    public static PushPoolStatus Of(PoolObservation seen)
    {
        return new PushPoolStatus
        {
            ObservedGeneration = seen.Pool.Generation(),
            Replicas = seen.Serving.Count,
            ReadyReplicas = seen.Serving.Count(pod => pod.Ready),
            DrainingReplicas = seen.Draining.Count,
            Connections = seen.Connections ?? seen.Pool.Status.Connections,
            Selector = string.Join(',', PoolManifests.ServingSelector(seen.Pool).Select(pair => $"{pair.Key}={pair.Value}")),
            Sessions = seen.Pool.EffectiveSessions(),
            InquiryAddress = seen.InquiryAddress,
            Conditions = Conditions(seen),
        };
    }

    /// <summary>Every node that is wanted runs as it is wanted now.</summary>
    public static bool IsRolledOut(PoolObservation seen) =>
        seen is { Deployment: { Status: { } status } deployment, Scale: { } scale }
        && status.ObservedGeneration >= deployment.Generation()
        && (status.UpdatedReplicas ?? 0) == (status.Replicas ?? 0)
        && seen.Serving.Count(pod => pod.Ready) == scale.Serving
        && seen.Serving.Count == scale.Serving;

    private static IReadOnlyList<V1Condition> Conditions(PoolObservation seen)
    {
        var conditions = new ConditionList(seen.Pool.Status.Conditions, seen.Pool.Generation(), seen.Now);
        if (seen.Refusal is { } refusal)
        {
            conditions.Set(ConditionTypes.Ready, false, refusal.Reason, refusal.Message);
            conditions.Set(ConditionTypes.Stalled, true, refusal.Reason, refusal.Message);
            return conditions.Build();
        }
        string message = Nodes(seen);
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
            (string reason, string lacks) = seen.MissingSecrets is { } missing ? (PoolReasons.SecretNotFound, $"; {missing}") : (PoolReasons.Progressing, "");
            conditions.Set(ConditionTypes.Ready, false, reason, message + lacks);
            conditions.Set(ConditionTypes.Reconciling, true, reason, message + lacks);
        }
        return conditions.Build();
    }

    /// <summary>A pool that drains some of its nodes takes cars all the same: it is as ready as the others are.</summary>
    private static string Nodes(PoolObservation seen)
    {
        string ready = $"{seen.Serving.Count(pod => pod.Ready)} of {seen.Scale?.Serving} push nodes are ready";
        string draining = seen.Draining.Count > 0 ? $", {seen.Draining.Count} more send their cars away" : "";
        string held = seen.Scale?.Held is { } why ? $"; fewer are wanted, which waits because {why}" : "";
        return ready + draining + held;
    }
}

/// <summary>The catalogue of reasons of a PushPool.</summary>
internal static class PoolReasons
{
    public const string Available = nameof(Available);
    public const string Progressing = nameof(Progressing);
    public const string DrainBegun = nameof(DrainBegun);
    public const string DrainLifted = nameof(DrainLifted);
    public const string RedisUnavailable = nameof(RedisUnavailable);
    public const string BusUnavailable = nameof(BusUnavailable);
    public const string InvalidSpec = nameof(InvalidSpec);
    public const string SecretNotFound = nameof(SecretNotFound);
    public const string Conflict = nameof(Conflict);
    public const string PasswordInPlainSight = nameof(PasswordInPlainSight);
    public const string NoDisruptionBudget = nameof(NoDisruptionBudget);
}
