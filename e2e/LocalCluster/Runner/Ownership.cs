using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

internal static class Ownership
{
    /// <summary>A controlling owner reference to an object.</summary>
    public static JsonObject Reference(JsonObject owner) => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = owner.Text("kind") ?? "",
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    public static bool IsOwnedBy(this JsonObject value, JsonObject owner) =>
        value.Items("metadata", "ownerReferences").Any(reference => reference.Text("uid") == owner.Uid());
}
