using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api;

/// <summary>The parts of <c>metadata</c> that the server itself looks at.</summary>
internal static class ObjectMeta
{
    public static string Name(this JsonObject value) => value.Text("metadata", "name") ?? "";

    public static string Namespace(this JsonObject value) => value.Text("metadata", "namespace") ?? "";

    public static string Uid(this JsonObject value) => value.Text("metadata", "uid") ?? "";

    public static string ResourceVersion(this JsonObject value) => value.Text("metadata", "resourceVersion") ?? "";

    public static JsonObject Metadata(this JsonObject value) => value.Child("metadata");

    public static bool IsTerminating(this JsonObject value) => value.Text("metadata", "deletionTimestamp") is not null;

    public static bool HasFinalizers(this JsonObject value) => value.Items("metadata", "finalizers").Any();

    /// <summary>metav1.Time: whole seconds, UTC.</summary>
    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
