using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;

namespace PushPlatform.Tests.Unit.Crds;

/// <summary>Every field of our kinds on one page, made from the definitions: who decides whether to install this has no cluster to ask <c>kubectl explain</c>.</summary>
internal static class FieldsPage
{
    private const string Head =
        """
        # Every field

        Made from the definitions in this folder, and held equal to them by a test; `kubectl explain` says the same. A `*` is required, `[]` is each of a list, `{}` each value of a map.

        """;

    /// <summary>The page as Markdown.</summary>
    public static string Text()
    {
        StringBuilder page = new(Head);
        foreach (string plural in ResourceTable.Plurals)
        {
            JsonObject schema = ResourceTable.SchemaOf(plural);
            string kind = (string)ResourceTable.Definition(plural)["spec"]!["names"]!["kind"]!;
            foreach (string part in new[] { "spec", "status" })
            {
                page.Append(CultureInfo.InvariantCulture, $"\n## {kind}, {part}\n\n| field | is | means |\n|---|---|---|\n");
                AddFields(page, $"{part}.", (JsonObject)schema["properties"]![part]!);
            }
        }
        return page.ToString();
    }

    private static void AddFields(StringBuilder page, string path, JsonObject parent)
    {
        string[] required = [.. (parent["required"] as JsonArray ?? []).Select(name => (string)name!)];
        foreach ((string name, JsonNode? node) in parent["properties"] as JsonObject ?? [])
        {
            JsonObject field = (JsonObject)node!;
            string star = required.Contains(name) ? "*" : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{path}{name}`{star} | {Kind(field)} | {Cell((string?)field["description"] ?? "")} |\n");
            // What a condition consists of is Kubernetes' own.
            if (name != "conditions")
            {
                (string suffix, JsonObject inner) = Inner(field);
                AddFields(page, $"{path}{name}{suffix}.", inner);
            }
        }
    }

    /// <summary>What a field holds, through lists and maps.</summary>
    private static (string Suffix, JsonObject Inner) Inner(JsonObject field) => field switch
    {
        _ when field["items"] is JsonObject items => Prefixed("[]", items),
        _ when field["additionalProperties"] is JsonObject values => Prefixed("{}", values),
        _ => ("", field),
    };

    private static (string Suffix, JsonObject Inner) Prefixed(string suffix, JsonObject field)
    {
        (string more, JsonObject inner) = Inner(field);
        return (suffix + more, inner);
    }

    private static string Kind(JsonObject field)
    {
        List<string> said = [Type(field)];
        if (Bounds(field, "minimum", "maximum") is { } values)
        {
            said.Add(values);
        }
        foreach ((string least, string most, string unit) in new[] { ("minLength", "maxLength", "characters"), ("minItems", "maxItems", "entries"), ("minProperties", "maxProperties", "entries") })
        {
            if (Bounds(field, least, most) is { } length)
            {
                said.Add($"{length} {unit}");
            }
        }
        if (field["pattern"] is { } pattern)
        {
            said.Add($"`{Cell((string)pattern!)}`");
        }
        // An empty object only says that the defaults within it count.
        if (field["default"] is { } given and not JsonObject)
        {
            said.Add($"default `{(given is JsonValue value && value.TryGetValue(out string? text) ? text : given.ToJsonString())}`");
        }
        return string.Join(", ", said);
    }

    private static string Type(JsonObject field)
    {
        if (field["enum"] is JsonArray words)
        {
            return string.Join(" or ", words.Select(word => $"`{word}`"));
        }
        if (field["x-kubernetes-int-or-string"] is not null)
        {
            return "integer or string";
        }
        string type = (string?)field["type"] ?? "any";
        string format = (string?)field["format"] is { } is64 and not ("int32" or "int64" or "double") ? $", {is64}" : "";
        return field["items"] is JsonObject items ? $"list of {Type(items)}" : type + format;
    }

    private static string? Bounds(JsonObject field, string least, string most) => (field[least], field[most]) switch
    {
        (null, null) => null,
        ({ } from, { } to) when from.ToJsonString() == to.ToJsonString() => $"{to}",
        ({ } from, { } to) => $"{from}–{to}",
        ({ } from, null) => $"at least {from}",
        (_, { } to) => $"at most {to}",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();
}
