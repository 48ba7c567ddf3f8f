using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Pools;

/// <summary>Applies what makes up a pool and says how it is. Deleting is left to the API server's garbage collection.</summary>
internal sealed class PoolController(
    IKubernetesClient kubernetes,
    StatusUpdate statuses,
    IEventPublisher events,
    PoolConnections connections,
    PoolScaling scaling,
    PoolSecrets secrets,
    BusWatch bus,
    InstallationDefaults defaults,
    TimeProvider time) : IEntityController<PushPool>
{
    internal const string FieldManager = "push-operator";

    /// <summary>Connections come and go without the API server knowing.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>While vehicles are on their way from one node to another.</summary>
    private static readonly TimeSpan DrainGoesOn = TimeSpan.FromSeconds(1);

    /// <summary>The informer's copy was older than what stands: the watch brings the newer one.</summary>
    private static readonly TimeSpan CopyCatchesUp = TimeSpan.FromMilliseconds(250);

    public async Task<ReconciliationResult<PushPool>> ReconcileAsync(PushPool entity, CancellationToken cancellationToken)
    {
        if (entity.IsBeingDeleted())
        {
            return ReconciliationResult<PushPool>.Success(entity);
        }
        V1Deployment? deployment = await kubernetes.GetAsync<V1Deployment>(PoolManifests.ObjectName(entity), entity.Namespace(), cancellationToken);
        (string Reason, string Message)? refusal = Refusal(entity) ?? await ForeignObjectsAsync(entity, deployment, cancellationToken);
        PoolReading reading = await connections.ReadAsync(entity, cancellationToken);
        IReadOnlyList<PoolPod> pods = await scaling.PodsAsync(entity, reading, cancellationToken);
        ScaleDecision? scale = null;
        if (refusal is null)
        {
            scale = ScalePlan.Decide(scaling.Observe(entity, deployment, pods, reading));
            await scaling.CarryOutAsync(entity, scale, reading, cancellationToken);
            deployment = await ApplyAsync(entity, scale, cancellationToken);
        }
        var seen = new PoolObservation(entity, deployment, pods, scale, reading.Connections, reading.RedisFault, bus.Fault, refusal, time.GetUtcNow()) { InquiryAddress = defaults.InquiryAddress };
        if (refusal is null && !PoolStatus.IsRolledOut(seen))
        {
            seen = seen with { MissingSecrets = await secrets.MissingAsync(entity, cancellationToken) };
        }
        bool written = await WriteStatusAsync(entity, PoolStatus.Of(seen), cancellationToken);
        Say(entity, scale);
        TimeSpan again = scale is { Draining.Count: > 0 } or { Lift.Count: > 0 } ? DrainGoesOn : LookAgain;
        return ReconciliationResult<PushPool>.Success(entity, written ? again : CopyCatchesUp);
    }

    public Task<ReconciliationResult<PushPool>> DeletedAsync(PushPool entity, CancellationToken cancellationToken)
    {
        connections.Forget(entity);
        return Task.FromResult(ReconciliationResult<PushPool>.Success(entity));
    }

    private (string, string)? Refusal(PushPool pool)
    {
        IReadOnlyList<Fault> faults = PoolValidation.Faults(pool, pool.Status);
        if (faults.Count > 0)
        {
            return (PoolReasons.InvalidSpec, string.Join("; ", faults));
        }
        return PoolManifests.AddressFault(pool, defaults) is { } fault ? (PoolReasons.PasswordInPlainSight, fault) : null;
    }

    /// <summary>Server-side apply with force would take over what is not ours.</summary>
    private async Task<(string, string)?> ForeignObjectsAsync(PushPool pool, V1Deployment? deployment, CancellationToken cancellationToken)
    {
        string name = PoolManifests.ObjectName(pool);
        IKubernetesObject<V1ObjectMeta>?[] existing = [deployment, await kubernetes.GetAsync<V1Service>(name, pool.Namespace(), cancellationToken)];
        IKubernetesObject<V1ObjectMeta>? foreign = Array.Find(existing, found => found is not null && found.GetController()?.Uid != pool.Uid());
        return foreign is null
            ? null
            : (PoolReasons.Conflict, $"{foreign.Kind} {name} exists and does not belong to this pool: rename or delete one of them");
    }

    private async Task<V1Deployment> ApplyAsync(PushPool pool, ScaleDecision scale, CancellationToken cancellationToken)
    {
        V1Deployment deployment = await kubernetes.ApplyAsync(PoolManifests.Deployment(pool, defaults, scale), FieldManager, cancellationToken: cancellationToken);
        await kubernetes.ApplyAsync(PoolManifests.Service(pool), FieldManager, cancellationToken: cancellationToken);
        if (await kubernetes.ServesAsync<V1PodDisruptionBudget>(cancellationToken))
        {
            await kubernetes.ApplyAsync(PoolManifests.DisruptionBudget(pool), FieldManager, cancellationToken: cancellationToken);
        }
        else
        {
            events.Publish(pool, PoolReasons.NoDisruptionBudget, "This API server has no policy/v1: node drains may take several push nodes at once", EventType.Warning);
        }
        return deployment;
    }

    private async Task<bool> WriteStatusAsync(PushPool pool, PushPoolStatus next, CancellationToken cancellationToken)
    {
        if (statuses.AreEqual(pool.Status, next))
        {
            return true;
        }
        if (!await statuses.TryUpdateAsync<PushPool, PushPoolSpec, PushPoolStatus>(pool, next, cancellationToken))
        {
            return false;
        }
        foreach ((string reason, string message, EventType type) in Transition(pool.Status, next))
        {
            events.Publish(pool, reason, message, type);
        }
        return true;
    }

    /// <summary>Who is drained and who is called back: a person who looks for a pod finds its name.</summary>
    private void Say(PushPool pool, ScaleDecision? scale)
    {
        foreach (string pod in scale?.Mark ?? [])
        {
            events.Publish(pool, PoolReasons.DrainBegun, $"Push node {pod} is not needed any more and sends its cars away");
        }
        foreach (string pod in scale?.Lift ?? [])
        {
            events.Publish(pool, PoolReasons.DrainLifted, $"Push node {pod} is needed after all and takes cars again");
        }
    }

    private static IEnumerable<(string, string, EventType)> Transition(PushPoolStatus before, PushPoolStatus after)
    {
        V1Condition? earlier = before.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready);
        V1Condition? ready = after.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready);
        if (ready is not null && (earlier?.Status != ready.Status || earlier.Reason != ready.Reason))
        {
            bool trouble = ready is { Status: "False" } && ready.Reason != PoolReasons.Progressing;
            yield return (ready.Reason, ready.Message, trouble ? EventType.Warning : EventType.Normal);
        }
    }
}
