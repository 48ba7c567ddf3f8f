using System.Text.Json;
using System.Text.Json.Nodes;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>
/// A document with <c>definitions</c> that refer to each other: Kubernetes' OpenAPI v2, or a JSON schema in draft 7. Of both, what is used there: type, properties,
/// additionalProperties, items, required, enum, anyOf. A field that a definition does not know is a fault.
/// </summary>
internal sealed class DefinitionsSchema(JsonObject document)
{
    private const string IntOrString = "int-or-string";

    private readonly JsonObject _definitions = (JsonObject)document["definitions"]!;

    /// <summary>The definition of a Kubernetes kind; null where there is none, as for other people's kinds.</summary>
    public string? DefinitionOf(string apiVersion, string kind)
    {
        string[] parts = apiVersion.Split('/');
        (string group, string version) = parts.Length == 1 ? ("", parts[0]) : (parts[0], parts[1]);
        return _definitions.FirstOrDefault(definition => definition.Value!["x-kubernetes-group-version-kind"] is JsonArray kinds
            && kinds.Any(one => (string?)one!["group"] == group && (string?)one["version"] == version && (string?)one["kind"] == kind)).Key;
    }

    /// <summary>What is wrong, as <c>path: why</c>.</summary>
    public IReadOnlyList<string> Faults(JsonNode? value, string definition)
    {
        List<string> faults = [];
        Check(value, (JsonObject)_definitions[definition]!, definition.Split('.')[^1], faults);
        return faults;
    }

    private void Check(JsonNode? value, JsonObject schema, string path, List<string> faults)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(value, (JsonObject)_definitions[((string)reference!)["#/definitions/".Length..]]!, path, faults);
            return;
        }
        if (schema["anyOf"] is JsonArray options && !options.Any(option => IsValid(value, (JsonObject)option!)))
        {
            faults.Add($"{path}: none of the {options.Count} forms that it may have");
        }
        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            faults.Add($"{path}: {value?.ToJsonString()} is none of {allowed.ToJsonString()}");
        }
        if (schema["type"] is { } type && !IsOfType(value, (string)type!, (string?)schema["format"]))
        {
            faults.Add($"{path}: {value?.ToJsonString() ?? "null"} is no {type}");
        }
        else if (value is JsonObject members)
        {
            CheckObject(members, schema, path, faults);
        }
        else if (value is JsonArray items && schema["items"] is JsonObject each)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Check(items[i], each, $"{path}[{i}]", faults);
            }
        }
    }

    private void CheckObject(JsonObject members, JsonObject schema, string path, List<string> faults)
    {
        foreach (JsonNode? name in (schema["required"] as JsonArray ?? []).Where(name => members[(string)name!] is null))
        {
            faults.Add($"{path}.{name}: required");
        }
        JsonObject? properties = schema["properties"] as JsonObject;
        foreach ((string name, JsonNode? member) in members)
        {
            if ((properties?[name] ?? schema["additionalProperties"]) is JsonObject known)
            {
                Check(member, known, $"{path}.{name}", faults);
            }
            else if (properties is not null || schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False)
            {
                faults.Add($"{path}.{name}: unknown");
            }
        }
    }

    private bool IsValid(JsonNode? value, JsonObject schema)
    {
        List<string> faults = [];
        Check(value, schema, "", faults);
        return faults.Count == 0;
    }

    private static bool IsOfType(JsonNode? value, string type, string? format) => (type, value?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => IsWhole(value!),
        ("string", JsonValueKind.Number) => format == IntOrString && IsWhole(value!),
        _ => false,
    };

    private static bool IsWhole(JsonNode value) => long.TryParse(value.ToJsonString(), out _);
}
