using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Membership;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;

namespace PushPlatform.Operator.Pools;

/// <summary>Observes a pool's size once, and carries out what <see cref="ScalePlan"/> says of it: pods first, then Redis, then the bus.</summary>
/// <remarks>
/// The marks at the pods are the operator's record of who is drained, the list in Redis is what nodes obey; each pass makes the second follow the first.
/// Pods are asked of the API server, not of a cache: a copy from before the last mark would have another pod marked as well.
/// </remarks>
internal sealed class PoolScaling(IKubernetesClient kubernetes, IDrainList list, IEntityStore<PushCampaign> campaigns, BusWatch bus, TimeProvider time)
{
    /// <summary>Lower than any person's: what a ReplicaSet gives up first among pods that are equally ready (KEP-2255).</summary>
    private const string DeletionCost = "-1000000";

    private const string DeletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>The pods as they are now, with what their nodes say of themselves.</summary>
    public async Task<IReadOnlyList<PoolPod>> PodsAsync(PushPool pool, PoolReading reading, CancellationToken cancellationToken)
    {
        string selector = $"{PoolManifests.PoolLabel}={pool.Name()}";
        EntityList<V1Pod> pods = await kubernetes.ListAsync<V1Pod>(pool.Namespace(), labelSelector: selector, cancellationToken: cancellationToken);
        ILookup<string, NodeBeat> beats = reading.Nodes.ToLookup(beat => beat.Pod, StringComparer.Ordinal);
        return [.. pods.Items.Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed")).Select(pod => Of(pod, [.. beats[pod.Name()]], reading.Told))];
    }

    public ScaleObservation Observe(PushPool pool, V1Deployment? deployment, IReadOnlyList<PoolPod> pods, PoolReading reading)
    {
        PushCampaign[] own = [.. campaigns.List(pool.Namespace()).Where(campaign => CampaignObservation.PoolOf(campaign).Name == pool.Name())];
        DateTimeOffset now = time.GetUtcNow();
        return new ScaleObservation
        {
            Now = now,
            Asked = deployment?.Spec?.Replicas,
            RollingOut = deployment is not null && IsRollingOut(deployment),
            Pods = pods,
            Replicas = pool.Spec.Replicas,
            Autoscale = pool.Spec.Autoscale,
            Drain = TimeSpan.FromSeconds(pool.Spec.DrainSeconds),
            StoreAnswers = reading.Connections is not null,
            Connections = reading.Connections ?? 0,
            Expected = CampaignDemand.Expected(own, now),
            Pushing = CampaignDemand.Pushing(own),
            CampaignsKnown = campaigns.HasSynced,
            Spell = QuietSpell.Parse(deployment?.GetAnnotation(PoolManifests.QuietAnnotation)),
        };
    }

    /// <summary>All but the Deployment's number, which is applied with the Deployment, and afterwards.</summary>
    public async Task CarryOutAsync(PushPool pool, ScaleDecision decision, PoolReading reading, CancellationToken cancellationToken)
    {
        foreach (string pod in decision.Mark)
        {
            await MarkAsync(pool, pod, "false", DeletionCost, cancellationToken);
        }
        if (decision.Draining.Count > 0 || reading.Told.Count > 0)
        {
            PoolName name = new(pool.Namespace()!, pool.Name());
            if (await list.SetAsync(name, decision.Draining, cancellationToken))
            {
                await bus.PublishAsync(name, new DrainMessage(), cancellationToken);
            }
        }
        foreach (string pod in decision.Lift)
        {
            // After its node: the Service must not send it vehicles that it turns away.
            await MarkAsync(pool, pod, "true", null, cancellationToken);
        }
    }

    private async Task MarkAsync(PushPool pool, string pod, string accepting, string? cost, CancellationToken cancellationToken)
    {
        JsonObject patch = new()
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { [PoolManifests.AcceptingLabel] = accepting },
                ["annotations"] = new JsonObject { [DeletionCostAnnotation] = cost },
            },
        };
        try
        {
            await kubernetes.PatchAsync<V1Pod>(V1Patch.Merge(patch), pod, pool.Namespace(), fieldManager: PoolController.FieldManager, cancellationToken: cancellationToken);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // Deleted since it was listed: the next pass sees what has taken its place.
        }
    }

    private static PoolPod Of(V1Pod pod, NodeBeat[] beats, IReadOnlyDictionary<string, TimeSpan> told) => new(
        pod.Name(),
        pod.Status?.Conditions?.Exists(condition => condition is { Type: "Ready", Status: "True" }) == true,
        pod.GetLabel(PoolManifests.AcceptingLabel) == "false",
        pod.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue)
    {
        Ending = pod.IsBeingDeleted(),
        Connections = beats.Length == 0 ? null : beats.Sum(beat => beat.Connections),
        Accepting = beats.Any(beat => beat.Accepting),
        Told = told.TryGetValue(pod.Name(), out TimeSpan since) ? since : null,
    };

    private static bool IsRollingOut(V1Deployment deployment) =>
        !(deployment.Status is { } status
            && status.ObservedGeneration >= deployment.Generation()
            && (status.UpdatedReplicas ?? 0) == (status.Replicas ?? 0));
}
