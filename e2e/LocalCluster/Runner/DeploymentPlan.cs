using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>How many pods each ReplicaSet of a Deployment should have now: a rolling update within maxSurge and maxUnavailable, as a pure function.</summary>
internal sealed record DeploymentPlan(string NewName, bool NewExists, IReadOnlyDictionary<string, long> Replicas)
{
    public const string HashLabel = "pod-template-hash";

    /// <summary>The plan, from the ReplicaSets that the Deployment owns and their status.</summary>
    public static DeploymentPlan Of(JsonObject deployment, IReadOnlyList<JsonObject> replicaSets)
    {
        string newName = $"{deployment.Name()}-{TemplateHash(deployment)}";
        long desired = deployment.Number("spec", "replicas") ?? 1;
        JsonObject? current = replicaSets.FirstOrDefault(set => set.Name() == newName);
        List<JsonObject> old = [.. replicaSets.Where(set => set.Name() != newName)];
        Dictionary<string, long> replicas = old.ToDictionary(set => set.Name(), Wanted);

        if (deployment.Text("spec", "strategy", "type") == "Recreate")
        {
            replicas = old.ToDictionary(set => set.Name(), _ => 0L);
            replicas[newName] = old.All(set => (set.Number("status", "replicas") ?? 0) == 0) ? desired : Wanted(current);
            return new DeploymentPlan(newName, current is not null, replicas);
        }

        long surge = Share(deployment.At("spec", "strategy", "rollingUpdate", "maxSurge"), desired, roundUp: true);
        long unavailable = Share(deployment.At("spec", "strategy", "rollingUpdate", "maxUnavailable"), desired, roundUp: false);
        // Both zero could never move.
        unavailable = surge == 0 && unavailable == 0 ? 1 : unavailable;
        long total = Wanted(current) + old.Sum(Wanted);
        long room = Math.Max(0, desired + surge - total);
        long next = Math.Min(desired, Wanted(current) + room);
        replicas[newName] = next;

        long removable = total - (desired - unavailable) - (Wanted(current) - Available(current));
        // Pods of old sets that do not work go first; they cost nothing.
        foreach (JsonObject set in old.OrderBy(Available))
        {
            long removed = Math.Clamp(Math.Min(Wanted(set), removable), 0, long.MaxValue);
            replicas[set.Name()] = Wanted(set) - removed;
            removable -= removed;
        }
        return new DeploymentPlan(newName, current is not null, replicas);
    }

    /// <summary>The ReplicaSet for the current template.</summary>
    public static JsonObject NewReplicaSet(JsonObject deployment, long replicas)
    {
        string hash = TemplateHash(deployment);
        JsonObject template = ((JsonObject)deployment.At("spec", "template")!).Copy();
        template.Metadata().Child("labels")[HashLabel] = hash;
        JsonObject selector = ((JsonObject)deployment.At("spec", "selector")!).Copy();
        selector.Child("matchLabels")[HashLabel] = hash;
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name()}-{hash}",
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["ownerReferences"] = new JsonArray(Ownership.Reference(deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
    }

    public static string TemplateHash(JsonObject deployment)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(deployment.At("spec", "template")?.ToJsonString() ?? ""));
        return Convert.ToHexStringLower(digest)[..10];
    }

    private static long Wanted(JsonObject? set) => set.Number("spec", "replicas") ?? 0;

    private static long Available(JsonObject? set) => set.Number("status", "availableReplicas") ?? 0;

    private static long Share(JsonNode? value, long desired, bool roundUp)
    {
        string text = value?.ToString() ?? "25%";
        if (!text.EndsWith('%'))
        {
            return long.TryParse(text, out long count) ? count : 0;
        }
        double share = desired * double.Parse(text[..^1]) / 100;
        return (long)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }
}
