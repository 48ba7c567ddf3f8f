using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>
/// What server-side apply and strategic merge must know of the built-in kinds: which lists are maps and by which keys. Every other
/// field is accepted as it comes.
/// </summary>
internal static class BuiltInSchemas
{
    private const string Metadata =
        """
        {"type":"object","x-kubernetes-preserve-unknown-fields":true,"description":"Standard object metadata.","properties":{
          "finalizers":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "ownerReferences":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["uid"],"items":{"type":"object","x-kubernetes-map-type":"atomic","x-kubernetes-preserve-unknown-fields":true}}}}
        """;

    private const string Conditions =
        """{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],"items":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}""";

    private static readonly string Container = Open(
        $$"""
        "name":{"type":"string"},
        "ports":{{ListMap("containerPort", "protocol")}},
        "env":{{ListMap("name")}},
        "volumeMounts":{{ListMap("mountPath")}}
        """);

    private static readonly string PodSpec = Open(
        $$$"""
        "containers":{{{ListMapOf(Container, "name")}}},
        "initContainers":{{{ListMapOf(Container, "name")}}},
        "volumes":{{{ListMap("name")}}},
        "imagePullSecrets":{{{ListMap("name")}}},
        "topologySpreadConstraints":{{{ListMap("topologyKey", "whenUnsatisfiable")}}},
        "nodeSelector":{"type":"object","additionalProperties":{"type":"string"}}
        """);

    private static readonly string Workload = Open(
        $$$"""
        "replicas":{"type":"integer","description":"The number of desired pods."},
        "selector":{"type":"object","x-kubernetes-map-type":"atomic","x-kubernetes-preserve-unknown-fields":true},
        "template":{{{Open($"\"metadata\":{Metadata},\"spec\":{PodSpec}")}}}
        """);

    private static readonly string ServiceSpec = Open(
        $$$"""
        "ports":{{{ListMap("port", "protocol")}}},
        "selector":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"}}
        """);

    /// <summary>The schema of every kind's <c>metadata</c>.</summary>
    public static Schema ObjectMetadata { get; } = Schema.Parse(JsonNode.Parse(Metadata));

    public static Schema Of(string kind) => Schema.Parse(JsonNode.Parse(kind switch
    {
        "Pod" => Root(PodSpec),
        "Deployment" or "ReplicaSet" => Root(Workload),
        "Service" => Root(ServiceSpec),
        "ServiceAccount" => Open($"\"metadata\":{Metadata},\"secrets\":{ListMap("name")},\"imagePullSecrets\":{ListMap("name")}"),
        _ => Root(Open("")),
    }));

    private static string Root(string spec) => Open($"\"metadata\":{Metadata},\"spec\":{spec},\"status\":{Conditions}");

    private static string Open(string properties) =>
        $$$"""{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{{{{properties}}}}}""";

    private static string ListMap(params ReadOnlySpan<string> keys) => ListMapOf(Open(""), keys);

    // Strategic merge merges by the first key alone.
    private static string ListMapOf(string items, params ReadOnlySpan<string> keys) =>
        $$"""{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["{{string.Join("\",\"", keys)}}"],"items":{{items}}}""";
}
