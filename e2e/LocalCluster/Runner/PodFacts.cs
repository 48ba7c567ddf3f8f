using System.Globalization;
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
    public static bool IsAvailable(this JsonObject pod, long minReadySeconds, DateTimeOffset now) =>
        pod.IsReady() && (minReadySeconds == 0 || now - pod.ReadySince() >= TimeSpan.FromSeconds(minReadySeconds));

    /// <summary>
    /// The order in which a ReplicaSet gives pods up (ActivePodsWithRanks in pkg/controller): not assigned, Pending, Unknown, not ready, lower deletion cost, ready for a
    /// shorter time, more restarts, younger. Times count by their power of two (LogarithmicScaleDown), and of equals the uid decides.
    /// </summary>
    public static IEnumerable<JsonObject> VictimsFirst(IEnumerable<JsonObject> pods, DateTimeOffset now) => pods
        .OrderBy(pod => pod.Text("spec", "nodeName") is { Length: > 0 })
        .ThenBy(pod => pod.Text("status", "phase") switch { "Pending" or null => 0, "Unknown" => 1, _ => 2 })
        .ThenBy(pod => pod.IsReady())
        .ThenBy(DeletionCost)
        .ThenBy(pod => pod.IsReady() ? Rank(now - pod.ReadySince()) : 0)
        .ThenByDescending(pod => pod.Items("status", "containerStatuses").Max(container => container.Number("restartCount")) ?? 0)
        .ThenBy(pod => Rank(now - Time(pod.Text("metadata", "creationTimestamp"))))
        .ThenBy(pod => pod.Uid(), StringComparer.Ordinal);

    // What is no int32 counts as none.
    private static int DeletionCost(JsonObject pod) =>
        int.TryParse(pod.Text("metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int cost) ? cost : 0;

    private static DateTimeOffset? ReadySince(this JsonObject pod) =>
        Time(pod.Items("status", "conditions").First(condition => condition.Text("type") == "Ready").Text("lastTransitionTime"));

    private static DateTimeOffset? Time(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset time) ? time : null;

    // Without a time: shorter than any.
    private static int Rank(TimeSpan? age) => age is not { Ticks: > 0 } known ? -1 : (int)Math.Log2(known.Ticks);
}
