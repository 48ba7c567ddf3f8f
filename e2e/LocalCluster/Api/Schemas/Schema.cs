using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushPlatform.LocalCluster.Api.Schemas;

internal enum ListType
{
    Atomic,
    Set,
    Map,
}

/// <summary>A structural schema (the subset of OpenAPI v3 that custom resource definitions allow). CEL rules are not looked at.</summary>
internal sealed class Schema
{
    // A pattern from a user's YAML must not hang the server.
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private Schema(JsonObject raw)
    {
        Raw = raw;
        Type = raw.Text("type");
        Format = raw.Text("format");
        Nullable = raw.Flag("nullable");
        PreservesUnknown = raw.Flag("x-kubernetes-preserve-unknown-fields");
        IsIntOrString = raw.Flag("x-kubernetes-int-or-string");
        IsEmbeddedResource = raw.Flag("x-kubernetes-embedded-resource");
        IsAtomicMap = raw.Text("x-kubernetes-map-type") == "atomic";
        ListType = raw.Text("x-kubernetes-list-type") switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic };
        ListKeys = [.. raw.Items("x-kubernetes-list-map-keys").Select(key => key.Text() ?? "")];
        Properties = raw.Members("properties").ToDictionary(member => member.Key, member => Parse(member.Value));
        AdditionalProperties = raw["additionalProperties"] is JsonObject additional ? Parse(additional) : null;
        AllowsAnyProperty = raw.Flag("additionalProperties");
        Items = raw["items"] is JsonObject items ? Parse(items) : null;
        Required = [.. raw.Items("required").Select(name => name.Text() ?? "")];
        Pattern = raw.Text("pattern") is { } pattern ? new Regex(AsRe2(pattern), RegexOptions.CultureInvariant, PatternTimeout) : null;
        AllOf = [.. raw.Items("allOf").Select(Parse)];
        AnyOf = [.. raw.Items("anyOf").Select(Parse)];
        OneOf = [.. raw.Items("oneOf").Select(Parse)];
        Not = raw["not"] is JsonObject not ? Parse(not) : null;
    }

    public static Schema Anything { get; } = new(new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });

    /// <summary>As written, for bounds, <c>default</c> and OpenAPI.</summary>
    public JsonObject Raw { get; }

    public string? Type { get; }

    public string? Format { get; }

    public bool Nullable { get; }

    public bool PreservesUnknown { get; }

    public bool IsIntOrString { get; }

    public bool IsEmbeddedResource { get; }

    public bool IsAtomicMap { get; }

    public ListType ListType { get; }

    public IReadOnlyList<string> ListKeys { get; }

    public IReadOnlyDictionary<string, Schema> Properties { get; private init; }

    public Schema? AdditionalProperties { get; }

    public bool AllowsAnyProperty { get; }

    public Schema? Items { get; }

    public IReadOnlyList<string> Required { get; }

    public Regex? Pattern { get; }

    public IReadOnlyList<Schema> AllOf { get; }

    public IReadOnlyList<Schema> AnyOf { get; }

    public IReadOnlyList<Schema> OneOf { get; }

    public Schema? Not { get; }

    public JsonNode? Default => Raw["default"];

    public static Schema Parse(JsonNode? raw) => new(raw as JsonObject ?? []);

    // In RE2 a closing $ is the end of the text; in .NET it is also just before a last line feed.
    private static string AsRe2(string pattern) =>
        pattern.EndsWith('$') && !pattern.EndsWith(@"\$", StringComparison.Ordinal) ? pattern[..^1] + @"\z" : pattern;

    /// <summary>The schema of a member, or null when the schema does not know it.</summary>
    public Schema? Member(string name) =>
        Properties.GetValueOrDefault(name) ?? AdditionalProperties ?? (AllowsAnyProperty || PreservesUnknown ? Anything : null);

    /// <summary>The schema of a whole object: apiVersion, kind and metadata are always there.</summary>
    public Schema ForRoot(Schema metadata)
    {
        Dictionary<string, Schema> properties = new(Properties)
        {
            ["apiVersion"] = Parse(new JsonObject { ["type"] = "string" }),
            ["kind"] = Parse(new JsonObject { ["type"] = "string" }),
            ["metadata"] = metadata,
        };
        return new Schema(Raw) { Properties = properties };
    }
}
