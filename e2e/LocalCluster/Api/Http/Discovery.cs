using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>What the server serves, in the older form (a document per group) and in the aggregated one (apidiscovery.k8s.io/v2).</summary>
internal static class Discovery
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] SubresourceVerbs = ["get", "patch", "update"];

    public static JsonObject CoreVersions() => new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") };

    public static JsonObject Groups(IReadOnlyList<ResourceKind> kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = JsonAccess.ArrayOf(ByGroup(kinds, core: false).Select(group => (JsonNode)Group(group.Key, group))),
    };

    public static JsonObject? Group(IReadOnlyList<ResourceKind> kinds, string name)
    {
        IGrouping<string, ResourceKind>? group = ByGroup(kinds, core: false).FirstOrDefault(group => group.Key == name);
        return group is null ? null : Group(name, group);
    }

    public static JsonObject? Resources(IReadOnlyList<ResourceKind> kinds, string group, string version)
    {
        List<ResourceKind> served = [.. kinds.Where(kind => kind.Group == group && kind.Version == version)];
        return served.Count == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = served[0].ApiVersion,
            ["resources"] = JsonAccess.ArrayOf(served.SelectMany(Legacy)),
        };
    }

    /// <summary>Core alone for <c>/api</c>, all others for <c>/apis</c>.</summary>
    public static JsonObject Aggregated(IReadOnlyList<ResourceKind> kinds, bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = JsonAccess.ArrayOf(ByGroup(kinds, core).Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = group.Key },
            ["versions"] = JsonAccess.ArrayOf(group.GroupBy(kind => kind.Version).Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version.Key,
                ["freshness"] = "Current",
                ["resources"] = JsonAccess.ArrayOf(version.Select(kind => (JsonNode)Modern(kind))),
            })),
        })),
    };

    private static IEnumerable<IGrouping<string, ResourceKind>> ByGroup(IReadOnlyList<ResourceKind> kinds, bool core) =>
        kinds.Where(kind => kind.Group.Length == 0 == core).GroupBy(kind => kind.Group);

    private static JsonObject Group(string name, IEnumerable<ResourceKind> kinds)
    {
        List<JsonNode> versions = [.. kinds.Select(kind => kind.Version).Distinct().Select(version =>
            new JsonObject { ["groupVersion"] = $"{name}/{version}", ["version"] = version })];
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = name,
            ["preferredVersion"] = versions[0].DeepClone(),
            ["versions"] = JsonAccess.ArrayOf(versions),
        };
    }

    private static IEnumerable<JsonNode> Legacy(ResourceKind kind)
    {
        JsonObject main = new()
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = JsonAccess.ArrayOf(Verbs),
        };
        AddNames(main, kind);
        yield return main;
        foreach ((string name, string? group, string subresourceKind) in Subresources(kind))
        {
            JsonObject subresource = new()
            {
                ["name"] = $"{kind.Plural}/{name}",
                ["singularName"] = "",
                ["namespaced"] = kind.Namespaced,
                ["kind"] = subresourceKind,
                ["verbs"] = JsonAccess.ArrayOf(SubresourceVerbs),
            };
            if (group is not null)
            {
                subresource["group"] = group;
                subresource["version"] = "v1";
            }
            yield return subresource;
        }
    }

    private static JsonObject Modern(ResourceKind kind)
    {
        JsonObject resource = new()
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = Kind(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = JsonAccess.ArrayOf(Verbs),
        };
        AddNames(resource, kind);
        JsonArray subresources = JsonAccess.ArrayOf(Subresources(kind).Select(subresource => (JsonNode)new JsonObject
        {
            ["subresource"] = subresource.Name,
            ["responseKind"] = Kind(subresource.Group ?? kind.Group, subresource.Group is null ? kind.Version : "v1", subresource.Kind),
            ["verbs"] = JsonAccess.ArrayOf(SubresourceVerbs),
        }));
        if (subresources.Count > 0)
        {
            resource["subresources"] = subresources;
        }
        return resource;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static IEnumerable<(string Name, string? Group, string Kind)> Subresources(ResourceKind kind)
    {
        if (kind.HasStatus)
        {
            yield return ("status", null, kind.Kind);
        }
        if (kind.Scale is not null)
        {
            yield return ("scale", "autoscaling", "Scale");
        }
        if (kind is { Kind: "Pod", Group: "" })
        {
            yield return ("log", null, kind.Kind);
        }
    }

    private static void AddNames(JsonObject resource, ResourceKind kind)
    {
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = JsonAccess.ArrayOf(kind.ShortNames);
        }
        if (kind.Categories.Count > 0)
        {
            resource["categories"] = JsonAccess.ArrayOf(kind.Categories);
        }
    }
}
