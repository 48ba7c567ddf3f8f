using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Deleting;

/// <summary><c>DeleteOptions</c> of body and query.</summary>
internal sealed record DeleteOptions(long? GracePeriodSeconds, bool Orphan, string? Uid, string? ResourceVersion);

/// <summary>What a delete makes of an object: gone at once, or terminating until finalizers and grace period are over.</summary>
internal static class Deletion
{
    private const int DefaultPodGraceSeconds = 30;

    /// <returns>The terminating form; the same object when nothing changes; null when it is to be removed now.</returns>
    /// <exception cref="ApiException">409: a precondition does not hold.</exception>
    public static JsonObject? Mark(JsonObject current, ResourceKind kind, DeleteOptions options, DateTimeOffset now)
    {
        CheckPreconditions(current, kind, options);
        long grace = GraceSeconds(current, kind, options);
        bool held = current.HasFinalizers() || grace > 0 || kind is { Kind: "Namespace", Group: "" };
        if (!held)
        {
            return null;
        }
        long? running = current.Number("metadata", "deletionGracePeriodSeconds");
        if (current.IsTerminating() && grace >= running)
        {
            return current;
        }
        JsonObject marked = current.Copy();
        marked.Metadata()["deletionTimestamp"] = ObjectMeta.Timestamp(now.AddSeconds(grace));
        marked.Metadata()["deletionGracePeriodSeconds"] = grace;
        if (kind.HasGeneration)
        {
            marked.Metadata()["generation"] = (current.Number("metadata", "generation") ?? 0) + 1;
        }
        if (kind.Kind == "Namespace")
        {
            marked.Child("status")["phase"] = "Terminating";
        }
        return marked;
    }

    private static void CheckPreconditions(JsonObject current, ResourceKind kind, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != current.Uid())
        {
            throw ApiException.Conflict(kind.Group, kind.Plural, current.Name(), $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid()}");
        }
        if (options.ResourceVersion is { } version && version != current.ResourceVersion())
        {
            throw ApiException.Conflict(
                kind.Group, kind.Plural, current.Name(), $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current.ResourceVersion()}");
        }
    }

    // Only pods that run somewhere end gracefully; somebody must be there to end them.
    private static long GraceSeconds(JsonObject current, ResourceKind kind, DeleteOptions options)
    {
        bool runs = kind is { Kind: "Pod", Group: "" } && current.Text("spec", "nodeName") is { Length: > 0 };
        return runs ? options.GracePeriodSeconds ?? current.Number("spec", "terminationGracePeriodSeconds") ?? DefaultPodGraceSeconds : 0;
    }
}
