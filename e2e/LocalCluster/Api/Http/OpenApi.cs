using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>
/// OpenAPI as far as kubectl reads it: schemas for <c>explain</c>, and the <c>patch</c> operations whose parameters tell it that the
/// server knows <c>dryRun</c> and <c>fieldValidation</c>.
/// </summary>
internal static class OpenApi
{
    private static readonly string[] MutatingParameters = ["dryRun", "fieldManager", "fieldValidation"];

    public static JsonObject Index(IReadOnlyList<ResourceKind> kinds, long revision)
    {
        JsonObject paths = [];
        foreach (ResourceKind kind in kinds.DistinctBy(kind => kind.ApiVersion))
        {
            string path = RootOf(kind)[1..];
            // kubectl keeps what it read by this hash.
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={revision}" };
        }
        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The OpenAPI v3 document of one group and version; null when nothing there is served.</summary>
    public static JsonObject? V3(IReadOnlyList<ResourceKind> kinds, string group, string version)
    {
        List<ResourceKind> served = [.. kinds.Where(kind => kind.Group == group && kind.Version == version)];
        if (served.Count == 0)
        {
            return null;
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = Paths(served),
            ["components"] = new JsonObject { ["schemas"] = Definitions(served) },
        };
    }

    private static JsonObject Info() => new() { ["title"] = "PushPlatform LocalCluster", ["version"] = ServerVersion.GitVersion };

    private static string RootOf(ResourceKind kind) => kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.ApiVersion}";

    private static JsonObject Paths(IEnumerable<ResourceKind> kinds)
    {
        JsonObject paths = [];
        foreach (ResourceKind kind in kinds)
        {
            string collection = $"{RootOf(kind)}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}";
            paths[collection] = new JsonObject { ["get"] = Operation(kind, "list"), ["post"] = Operation(kind, "post") };
            paths[collection + "/{name}"] = new JsonObject
            {
                ["get"] = Operation(kind, "get"),
                ["put"] = Operation(kind, "put"),
                ["patch"] = Operation(kind, "patch"),
                ["delete"] = Operation(kind, "delete"),
            };
        }
        return paths;
    }

    private static JsonObject Operation(ResourceKind kind, string action) => new()
    {
        ["operationId"] = $"{action}{kind.Group}{kind.Version}{kind.Kind}",
        ["parameters"] = JsonAccess.ArrayOf(action is "post" or "put" or "patch" or "delete" ? MutatingParameters.Select(Parameter) : []),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = Identity(kind),
    };

    private static JsonNode Parameter(string name) => new JsonObject
    {
        ["name"] = name,
        ["in"] = "query",
        ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
    };

    private static JsonObject Definitions(IEnumerable<ResourceKind> kinds)
    {
        JsonObject definitions = [];
        foreach (ResourceKind kind in kinds)
        {
            JsonObject schema = kind.Schema.Raw.Copy();
            JsonObject properties = schema.Child("properties");
            properties["apiVersion"] ??= Described("string", "The version of this form of the object.");
            properties["kind"] ??= Described("string", "The kind of the object.");
            if (properties["metadata"].At("properties") is null)
            {
                properties["metadata"] = Described("object", "Standard object metadata.");
            }
            schema["x-kubernetes-group-version-kind"] = new JsonArray(Identity(kind));
            definitions[DefinitionName(kind)] = schema;
        }
        return definitions;
    }

    // Reversed as Kubernetes names them: io.pushplatform.v1alpha1.PushCampaign.
    private static string DefinitionName(ResourceKind kind)
    {
        string group = kind.Group.Length == 0 ? "core" : string.Join('.', kind.Group.Split('.').Reverse());
        return $"{group}.{kind.Version}.{kind.Kind}";
    }

    private static JsonObject Described(string type, string description) => new() { ["type"] = type, ["description"] = description };

    private static JsonObject Identity(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };
}
