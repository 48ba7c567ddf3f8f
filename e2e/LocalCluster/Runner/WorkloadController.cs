using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>Deployments become ReplicaSets and ReplicaSets pods; their statuses follow. Level-based: each pass looks at everything.</summary>
internal sealed class WorkloadController(ClusterApi api, Mirror deployments, Mirror replicaSets, Mirror pods, RunnerLog log, TimeProvider time)
{
    public async Task PassAsync(CancellationToken cancellation)
    {
        foreach (JsonObject deployment in deployments.Items.Where(deployment => !deployment.IsTerminating()))
        {
            await AloneAsync(deployment, async () =>
            {
                List<JsonObject> owned = [.. replicaSets.Items.Where(set => set.IsOwnedBy(deployment) && !set.IsTerminating())];
                await RollAsync(deployment, owned, cancellation);
                await ReportAsync(ClusterApi.Deployments, deployments, deployment, DeploymentStatus(deployment, owned), cancellation);
            });
        }
        foreach (JsonObject set in replicaSets.Items.Where(set => !set.IsTerminating()))
        {
            await AloneAsync(set, async () =>
            {
                List<JsonObject> owned = [.. pods.Items.Where(pod => pod.IsOwnedBy(set) && !pod.IsTerminating())];
                await FillAsync(set, owned, cancellation);
                await ReportAsync(ClusterApi.ReplicaSets, replicaSets, set, ReplicaSetStatus(set, owned), cancellation);
            });
        }
    }

    // What is wrong with one object must not hold up the others; it is looked at again in the next pass.
    private async Task AloneAsync(JsonObject value, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (KubernetesException stale) when (stale.IsConflict || stale.IsNotFound)
        {
            // Seen through an old copy; the watch brings the new one.
        }
        catch (KubernetesException refused)
        {
            log.Write($"{value.Text("kind")} {value.Namespace()}/{value.Name()}: {refused.Message}");
        }
    }

    private async Task RollAsync(JsonObject deployment, IReadOnlyList<JsonObject> owned, CancellationToken cancellation)
    {
        DeploymentPlan plan = DeploymentPlan.Of(deployment, owned);
        if (!plan.NewExists)
        {
            JsonObject created = DeploymentPlan.NewReplicaSet(deployment, plan.Replicas[plan.NewName]);
            replicaSets.Note(await api.CreateAsync(ClusterApi.ReplicaSets, created, cancellation));
        }
        foreach (JsonObject set in owned.Where(set => plan.Replicas[set.Name()] != set.Number("spec", "replicas")))
        {
            JsonObject patch = new() { ["spec"] = new JsonObject { ["replicas"] = plan.Replicas[set.Name()] } };
            replicaSets.Note(await api.MergeAsync(ClusterApi.PathOf(ClusterApi.ReplicaSets, set.Namespace(), set.Name()), patch, cancellation));
        }
    }

    private async Task FillAsync(JsonObject set, IReadOnlyList<JsonObject> owned, CancellationToken cancellation)
    {
        long missing = (set.Number("spec", "replicas") ?? 1) - owned.Count;
        for (long i = 0; i < missing; i++)
        {
            pods.Note(await api.CreateAsync(ClusterApi.Pods, NewPod(set), cancellation));
        }
        foreach (JsonObject victim in PodFacts.VictimsFirst(owned, time.GetUtcNow()).Take((int)Math.Max(0, -missing)))
        {
            await api.DeleteAsync(ClusterApi.PathOf(ClusterApi.Pods, victim.Namespace(), victim.Name()), victim.Uid(), graceSeconds: null, cancellation);
            MarkTerminating(victim);
        }
    }

    // Until the watch says so: a second pass must not pick a second victim.
    private void MarkTerminating(JsonObject victim)
    {
        JsonObject marked = victim.Copy();
        marked.Metadata()["deletionTimestamp"] = ObjectMeta.Timestamp(time.GetUtcNow());
        pods.Note(marked);
    }

    private static JsonObject NewPod(JsonObject set)
    {
        JsonObject template = ((JsonObject)set.At("spec", "template")!).Copy();
        JsonObject metadata = template.Metadata();
        metadata["generateName"] = set.Name() + "-";
        metadata["namespace"] = set.Namespace();
        metadata["ownerReferences"] = new JsonArray(Ownership.Reference(set));
        JsonObject spec = template.Child("spec").Copy();
        // Bound at birth: there is one node and nothing to schedule.
        spec["nodeName"] = PodFacts.NodeName;
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata.DeepClone(), ["spec"] = spec };
    }

    private JsonObject ReplicaSetStatus(JsonObject set, IReadOnlyList<JsonObject> owned)
    {
        DateTimeOffset now = time.GetUtcNow();
        return new JsonObject
        {
            ["replicas"] = owned.Count,
            ["fullyLabeledReplicas"] = owned.Count,
            ["readyReplicas"] = owned.Count(PodFacts.IsReady),
            ["availableReplicas"] = owned.Count(pod => pod.IsAvailable(set.Number("spec", "minReadySeconds") ?? 0, now)),
            ["observedGeneration"] = set.Number("metadata", "generation"),
        };
    }

    private JsonObject DeploymentStatus(JsonObject deployment, IReadOnlyList<JsonObject> owned)
    {
        string newName = $"{deployment.Name()}-{DeploymentPlan.TemplateHash(deployment)}";
        DateTimeOffset now = time.GetUtcNow();
        List<(JsonObject Pod, bool IsNew)> all =
            [.. owned.SelectMany(set => pods.Items.Where(pod => pod.IsOwnedBy(set) && !pod.IsTerminating()).Select(pod => (pod, set.Name() == newName)))];
        long desired = deployment.Number("spec", "replicas") ?? 1;
        int updated = all.Count(pod => pod.IsNew);
        int available = all.Count(pod => pod.Pod.IsAvailable(deployment.Number("spec", "minReadySeconds") ?? 0, now));
        bool complete = updated == desired && all.Count == desired && available == desired;
        bool enough = available >= desired;
        return new JsonObject
        {
            ["observedGeneration"] = deployment.Number("metadata", "generation"),
            ["replicas"] = all.Count,
            ["updatedReplicas"] = updated,
            ["readyReplicas"] = all.Count(pod => pod.Pod.IsReady()),
            ["availableReplicas"] = available,
            ["unavailableReplicas"] = Math.Max(0, desired - available),
            ["conditions"] = Conditions.Merge(
                deployment.Items("status", "conditions"),
                ObjectMeta.Timestamp(now),
                ("Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable"),
                ("Progressing", true, complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")),
        };
    }

    private async Task ReportAsync(string collection, Mirror mirror, JsonObject value, JsonObject status, CancellationToken cancellation)
    {
        if (JsonNode.DeepEquals(value["status"], status))
        {
            return;
        }
        string path = ClusterApi.PathOf(collection, value.Namespace(), value.Name()) + "/status";
        mirror.Note(await api.MergeAsync(path, new JsonObject { ["status"] = status }, cancellation));
    }
}
