using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>The mistakes in built-in kinds that would otherwise surface far away.</summary>
internal static class BuiltInRules
{
    public static IEnumerable<FieldFault> Faults(JsonObject value, ResourceKind kind) => kind.Kind switch
    {
        _ when kind.IsCustom => [],
        "CustomResourceDefinition" => CustomResources.Faults(value),
        "ConfigMap" => value.Members("data").Where(entry => !IsString(entry.Value)).Select(entry => FieldFault.OfType($"data.{entry.Key}", "string", $"{entry.Value?.GetValueKind()}")),
        "Secret" => value.Members("data").Where(entry => !IsString(entry.Value) || !Base64.IsValid(entry.Value.Text())).Select(entry =>
            FieldFault.Invalid($"data.{entry.Key}", "\"…\"", "must be base64")),
        "Deployment" => Deployment(value),
        "Service" => Service(value),
        _ => [],
    };

    private static bool IsString(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String;

    private static IEnumerable<FieldFault> Deployment(JsonObject value)
    {
        if (value.At("spec", "selector") is null)
        {
            yield return FieldFault.Required("spec.selector");
        }
        if (!value.Items("spec", "template", "spec", "containers").Any())
        {
            yield return FieldFault.Required("spec.template.spec.containers");
        }
        JsonNode? labels = value.At("spec", "template", "metadata", "labels");
        if (value.Members("spec", "selector", "matchLabels").Any(wanted => labels.Text(wanted.Key) != wanted.Value.Text()))
        {
            yield return FieldFault.Invalid("spec.template.metadata.labels", labels?.ToJsonString() ?? "null", "`selector` does not match template `labels`");
        }
    }

    private static IEnumerable<FieldFault> Service(JsonObject value)
    {
        if (!value.Items("spec", "ports").Any())
        {
            yield return FieldFault.Required("spec.ports");
        }
    }
}
