using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>From a CustomResourceDefinition to the resources that it makes served.</summary>
internal static class CustomResources
{
    public static string Group(JsonObject definition) => definition.Text("spec", "group") ?? "";

    public static string Plural(JsonObject definition) => definition.Text("spec", "names", "plural") ?? "";

    public static IEnumerable<ResourceKind> Served(JsonObject definition) =>
        definition.Items("spec", "versions").OfType<JsonObject>().Where(version => version.Flag("served")).Select(version => Describe(definition, version));

    /// <summary>What is wrong with the definition itself.</summary>
    public static IReadOnlyList<FieldFault> Faults(JsonObject definition)
    {
        List<FieldFault> faults = [];
        string expected = $"{Plural(definition)}.{Group(definition)}";
        if (definition.Name() != expected)
        {
            faults.Add(FieldFault.Invalid("metadata.name", $"\"{definition.Name()}\"", $"must be spec.names.plural+\".\"+spec.group, here {expected}"));
        }
        foreach (string path in (string[])["group", "scope"])
        {
            if (definition.Text("spec", path) is null)
            {
                faults.Add(FieldFault.Required($"spec.{path}"));
            }
        }
        if (definition.Text("spec", "names", "kind") is null)
        {
            faults.Add(FieldFault.Required("spec.names.kind"));
        }
        JsonObject[] versions = [.. definition.Items("spec", "versions").OfType<JsonObject>()];
        if (versions.Count(version => version.Flag("storage")) != 1)
        {
            faults.Add(FieldFault.Invalid("spec.versions", "[]", "must have exactly one version marked as storage version"));
        }
        for (int i = 0; i < versions.Length; i++)
        {
            if (versions[i].At("schema", "openAPIV3Schema") is null)
            {
                faults.Add(FieldFault.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required"));
            }
            if (versions[i].Members("schema", "openAPIV3Schema", "properties", "metadata").Any(member => member.Key is not ("type" or "properties")))
            {
                faults.Add(FieldFault.Forbidden(
                    $"spec.versions[{i}].schema.openAPIV3Schema.properties[metadata]",
                    "must not specify anything other than name and generateName, but metadata is implicitly specified"));
            }
        }
        return faults;
    }

    /// <summary>Fills in what names leave out, and the status that makes the definition Established.</summary>
    public static void Establish(JsonObject definition, string now)
    {
        JsonObject names = definition.Child("spec").Child("names");
        string kind = names.Text("kind") ?? "";
        names["singular"] ??= kind.ToLowerInvariant();
        names["listKind"] ??= kind + "List";
        definition.Child("spec")["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        JsonObject status = definition.Child("status");
        status["acceptedNames"] = names.DeepClone();
        status["storedVersions"] = JsonAccess.ArrayOf(definition.Items("spec", "versions").Where(version => version.Flag("storage")).Select(version => version.Text("name") ?? ""));
        status["conditions"] ??= JsonAccess.ArrayOf(
        [
            Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
            Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now),
        ]);
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["lastTransitionTime"] = now,
        ["message"] = message,
        ["reason"] = reason,
        ["status"] = "True",
        ["type"] = type,
    };

    private static ResourceKind Describe(JsonObject definition, JsonObject version)
    {
        JsonNode? names = definition.At("spec", "names");
        string kind = names.Text("kind") ?? "";
        string group = Group(definition);
        string name = version.Text("name") ?? "";
        string apiVersion = $"{group}/{name}";
        JsonNode? scale = version.At("subresources", "scale");
        return new ResourceKind
        {
            Group = group,
            Version = name,
            Kind = kind,
            Plural = Plural(definition),
            Singular = names.Text("singular") ?? kind.ToLowerInvariant(),
            Namespaced = definition.Text("spec", "scope") == "Namespaced",
            ShortNames = Texts(names.Items("shortNames")),
            Categories = Texts(names.Items("categories")),
            HasStatus = version.At("subresources", "status") is not null,
            HasGeneration = true,
            Scale = scale is null ? null : new ScalePaths(
                scale.Text("specReplicasPath") ?? ".spec.replicas", scale.Text("statusReplicasPath") ?? ".status.replicas", scale.Text("labelSelectorPath")),
            Schema = Schema.Parse(version.At("schema", "openAPIV3Schema")).ForRoot(BuiltInSchemas.ObjectMetadata),
            Columns = TableColumn.FromDefinition(version.Items("additionalPrinterColumns")),
            Collection = $"{group}/{Plural(definition)}",
            // Versions differ in name alone (conversion strategy None).
            ToStored = value => value["apiVersion"] = apiVersion,
            FromStored = value => value["apiVersion"] = apiVersion,
            IsCustom = true,
        };
    }

    private static string[] Texts(IEnumerable<JsonNode?> values) => [.. values.Select(value => value.Text()).OfType<string>()];
}
