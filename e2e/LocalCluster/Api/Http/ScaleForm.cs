using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary><c>autoscaling/v1 Scale</c>: the replicas of an object, wherever it keeps them.</summary>
internal static class ScaleForm
{
    public static JsonObject Of(JsonObject value, ResourceKind kind)
    {
        ScalePaths paths = kind.Scale ?? throw ApiException.NoSuchPath();
        JsonObject metadata = [];
        foreach (string name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[name] = value.At("metadata", name)?.DeepClone();
        }
        JsonObject status = new() { ["replicas"] = Number(value, paths.StatusReplicas) };
        string? selector = paths.Selector is null
            ? string.Join(',', value.Members("spec", "selector", "matchLabels").Select(label => $"{label.Key}={label.Value}"))
            : new JsonPath(paths.Selector).Find(value).FirstOrDefault().Text();
        if (!string.IsNullOrEmpty(selector))
        {
            status["selector"] = selector;
        }
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = Number(value, paths.SpecReplicas) },
            ["status"] = status,
        };
    }

    /// <summary>Writes the wanted replicas of a scale into the object that it stands for; in place.</summary>
    /// <exception cref="ApiException">422: not a count.</exception>
    public static void Write(JsonObject scale, JsonObject value, ResourceKind kind)
    {
        ScalePaths paths = kind.Scale ?? throw ApiException.NoSuchPath();
        if (scale.Number("spec", "replicas") is not >= 0 and var replicas)
        {
            throw ApiException.Invalid("autoscaling", "Scale", value.Name(), [FieldFault.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0")]);
        }
        new JsonPath(paths.SpecReplicas).Set(value, scale.Number("spec", "replicas"));
        if (scale.ResourceVersion() is { Length: > 0 } version)
        {
            value.Metadata()["resourceVersion"] = version;
        }
    }

    private static long Number(JsonObject value, string path) => new JsonPath(path).Find(value).FirstOrDefault().Number() ?? 0;
}
