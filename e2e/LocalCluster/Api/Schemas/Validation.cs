using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushPlatform.LocalCluster.Api.Schemas;

/// <summary>Holds a value against a schema and names all faults, worded as Kubernetes words them.</summary>
internal static partial class Validation
{
    public static IReadOnlyList<FieldFault> Faults(JsonNode? value, Schema schema, string path = "")
    {
        List<FieldFault> faults = [];
        Check(value, schema, path, faults);
        return faults;
    }

    private static void Check(JsonNode? value, Schema schema, string path, List<FieldFault> faults)
    {
        if (value is null && schema.Nullable)
        {
            return;
        }
        if (!IsOfType(value, schema))
        {
            faults.Add(FieldFault.OfType(Shown(path), schema.IsIntOrString ? "integer,string" : schema.Type ?? "object", TypeName(value)));
            return;
        }
        CheckEnum(value, schema, path, faults);
        switch (value)
        {
            case JsonObject members:
                CheckObject(members, schema, path, faults);
                break;
            case JsonArray items:
                CheckArray(items, schema, path, faults);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                CheckString(scalar.GetValue<string>(), schema, path, faults);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number:
                CheckNumber(scalar, schema, path, faults);
                break;
        }
        CheckCombinations(value, schema, path, faults);
    }

    private static bool IsOfType(JsonNode? value, Schema schema)
    {
        string actual = TypeName(value);
        if (schema.IsIntOrString)
        {
            return actual is "integer" or "string";
        }
        return schema.Type is null || actual == schema.Type || (schema.Type == "number" && actual == "integer");
    }

    private static string TypeName(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.Number() is null ? "number" : "integer",
        _ => "null",
    };

    private static void CheckEnum(JsonNode? value, Schema schema, string path, List<FieldFault> faults)
    {
        if (schema.Raw["enum"] is JsonArray allowed && !allowed.Any(option => JsonNode.DeepEquals(option, value)))
        {
            faults.Add(FieldFault.Unsupported(Shown(path), Text(value), allowed.Select(Text)));
        }
    }

    private static void CheckObject(JsonObject members, Schema schema, string path, List<FieldFault> faults)
    {
        foreach (string name in schema.Required.Where(name => !members.ContainsKey(name)))
        {
            faults.Add(FieldFault.Required(Join(path, name)));
        }
        foreach ((string name, JsonNode? member) in members)
        {
            // A null member that is not nullable counts as absent, like everywhere in Kubernetes.
            if ((schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties) is { } known && !(member is null && !schema.Required.Contains(name)))
            {
                Check(member, known, Join(path, name), faults);
            }
        }
        if (schema.Raw.Number("maxProperties") is { } most && members.Count > most)
        {
            faults.Add(new FieldFault(Shown(path), "FieldValueTooMany", $"Too many: {members.Count}: must have at most {most} items"));
        }
        if (schema.Raw.Number("minProperties") is { } least && members.Count < least)
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{members.Count}", $"{path} in body should have at least {least} properties"));
        }
    }

    private static void CheckArray(JsonArray items, Schema schema, string path, List<FieldFault> faults)
    {
        if (schema.Raw.Number("maxItems") is { } most && items.Count > most)
        {
            faults.Add(FieldFault.TooMany(Shown(path), items.Count, (int)most));
        }
        if (schema.Raw.Number("minItems") is { } least && items.Count < least)
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{items.Count}", $"{path} in body should have at least {least} items"));
        }
        HashSet<string> seen = [];
        for (int i = 0; i < items.Count; i++)
        {
            if (schema.Items is { } itemSchema)
            {
                Check(items[i], itemSchema, $"{path}[{i}]", faults);
            }
            if (Identity(items[i], schema) is { } identity && !seen.Add(identity))
            {
                faults.Add(FieldFault.Duplicate($"{path}[{i}]", identity));
            }
        }
    }

    // What must not occur twice in a set or map list; null where anything may.
    private static string? Identity(JsonNode? item, Schema list) => list.ListType switch
    {
        ListType.Set => item?.ToJsonString() ?? "null",
        ListType.Map when item is JsonObject members => new JsonObject(list.ListKeys
            .Select(key => KeyValuePair.Create(key, (members[key] ?? list.Items?.Properties.GetValueOrDefault(key)?.Default)?.DeepClone()))).ToJsonString(),
        _ => null,
    };

    private static void CheckString(string text, Schema schema, string path, List<FieldFault> faults)
    {
        // Kubernetes counts characters, not bytes, although its message says bytes.
        int length = text.EnumerateRunes().Count();
        if (schema.Raw.Number("maxLength") is { } most && length > most)
        {
            faults.Add(FieldFault.TooLong(Shown(path), (int)most));
        }
        if (schema.Raw.Number("minLength") is { } least && length < least)
        {
            faults.Add(FieldFault.Invalid(Shown(path), Quote(text), $"{path} in body should be at least {least} chars long"));
        }
        if (schema.Pattern is { } pattern && !IsMatch(pattern, text))
        {
            faults.Add(FieldFault.Invalid(Shown(path), Quote(text), $"{path} in body should match '{schema.Raw.Text("pattern")}'"));
        }
        if (schema.Format == "date-time" && !(DateTime().IsMatch(text) && DateTimeOffset.TryParse(text, out _)))
        {
            faults.Add(FieldFault.Invalid(Shown(path), Quote(text), $"{path} in body must be of type date-time: {Quote(text)}"));
        }
    }

    // RFC 3339, section 5.6: a date alone, or a time without a zone, is none.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z", RegexOptions.ECMAScript)]
    private static partial Regex DateTime();

    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static void CheckNumber(JsonValue scalar, Schema schema, string path, List<FieldFault> faults)
    {
        decimal number = decimal.Parse(scalar.ToJsonString(), System.Globalization.NumberStyles.Float);
        if (Bound(schema, "minimum") is { } least && (schema.Raw.Flag("exclusiveMinimum") ? number <= least : number < least))
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{number}", $"{path} in body should be greater than {(schema.Raw.Flag("exclusiveMinimum") ? "" : "or equal to ")}{least}"));
        }
        if (Bound(schema, "maximum") is { } most && (schema.Raw.Flag("exclusiveMaximum") ? number >= most : number > most))
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{number}", $"{path} in body should be less than {(schema.Raw.Flag("exclusiveMaximum") ? "" : "or equal to ")}{most}"));
        }
        if (Bound(schema, "multipleOf") is { } step && step != 0 && number % step != 0)
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{number}", $"{path} in body should be a multiple of {step}"));
        }
        if (schema.Format == "int32" && number is > int.MaxValue or < int.MinValue)
        {
            faults.Add(FieldFault.Invalid(Shown(path), $"{number}", $"{path} in body must be of type int32: \"{number}\""));
        }
    }

    private static decimal? Bound(Schema schema, string name) =>
        schema.Raw[name] is JsonValue bound ? decimal.Parse(bound.ToJsonString(), System.Globalization.NumberStyles.Float) : null;

    private static void CheckCombinations(JsonNode? value, Schema schema, string path, List<FieldFault> faults)
    {
        foreach (Schema part in schema.AllOf)
        {
            Check(value, part, path, faults);
        }
        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(part => Faults(value, part, path).Count == 0))
        {
            faults.Add(FieldFault.Invalid(Shown(path), Text(value), $"{path} in body must validate at least one schema (anyOf)"));
        }
        if (schema.OneOf.Count > 0 && schema.OneOf.Count(part => Faults(value, part, path).Count == 0) != 1)
        {
            faults.Add(FieldFault.Invalid(Shown(path), Text(value), $"{path} in body must validate one and only one schema (oneOf)"));
        }
        if (schema.Not is { } forbidden && Faults(value, forbidden, path).Count == 0)
        {
            faults.Add(FieldFault.Invalid(Shown(path), Text(value), $"{path} in body must not validate the schema (not)"));
        }
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";

    private static string Quote(string text) => $"\"{text}\"";

    private static string Shown(string path) => path.Length == 0 ? "<nil>" : path;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
