using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>What the controllers ask of a pod.</summary>
internal static class PodFacts
{
    public const string NodeName = "localcluster";

    public static bool IsReady(this JsonObject pod) =>
        !pod.IsTerminating() && pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");

    /// <summary>Ready for at least <paramref name="minReadySeconds"/>.</summary>
    public static bool IsAvailable(this JsonObject pod, long minReadySeconds, DateTimeOffset now)
    {
        if (!pod.IsReady())
        {
            return false;
        }
        string? since = pod.Items("status", "conditions").First(condition => condition.Text("type") == "Ready").Text("lastTransitionTime");
        return minReadySeconds == 0 || (DateTimeOffset.TryParse(since, out DateTimeOffset time) && now - time >= TimeSpan.FromSeconds(minReadySeconds));
    }

    /// <summary>The order in which a ReplicaSet gives pods up: not running, not ready, lower deletion cost, younger.</summary>
    public static IEnumerable<JsonObject> VictimsFirst(IEnumerable<JsonObject> pods) => pods
        .OrderBy(pod => pod.Text("status", "phase") == "Running")
        .ThenBy(pod => pod.IsReady())
        .ThenBy(pod => long.TryParse(pod.Text("metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost"), out long cost) ? cost : 0)
        .ThenByDescending(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
        .ThenBy(pod => pod.Name(), StringComparer.Ordinal);
}
