using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

/// <summary>Holds the C# types and the definitions in <c>crds/</c> against each other, both ways.</summary>
public sealed class SchemaTypesTests
{
    private static readonly JsonSerializerOptions Json = new KubernetesJson(ApiJsonContext.Default).Options;

    public static TheoryData<string, string> Parts { get; } = new()
    {
        { "pushcampaigns", "spec" },
        { "pushcampaigns", "status" },
        { "pushpools", "spec" },
        { "pushpools", "status" },
        { "pushcampaignapprovals", "spec" },
        { "pushcampaignapprovals", "status" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Type_EveryField_HasTheSchemasNameTypeAndNeed(string plural, string part)
    {
        List<string> differences = [];
        Visit(plural, part, (path, type, schema) => differences.AddRange(Differences(path, type, schema)));

        differences.ShouldBeEmpty();
    }

    /// <summary>Reading just what is required and writing it back shows the type's defaults; the schema's are filled in as an API server does.</summary>
    [Theory]
    [MemberData(nameof(Parts))]
    public void Type_WhatIsLeftOut_HasTheSchemasDefaults(string plural, string part)
    {
        int compared = 0;
        Visit(plural, part, (path, type, schema) =>
        {
            if (Json.GetTypeInfo(type).Kind is not JsonTypeInfoKind.Object)
            {
                return;
            }
            JsonNode least = Least(schema);
            JsonNode? ours = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(least, Json.GetTypeInfo(type)), Json.GetTypeInfo(type));
            JsonNode theirs = WithDefaults(least, schema);
            JsonNode.DeepEquals(ours, theirs).ShouldBeTrue($"{path}: the type has {ours?.ToJsonString()}, the schema {theirs.ToJsonString()}");
            compared++;
        });

        compared.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("pushcampaigns")]
    [InlineData("pushpools")]
    [InlineData("pushcampaignapprovals")]
    public void Schema_EveryField_IsDescribedAndBounded(string plural)
    {
        List<string> faults = [];
        VisitSchema("", ResourceTable.SchemaOf(plural), faults);

        faults.ShouldBeEmpty();
    }

    private static void VisitSchema(string path, JsonObject schema, List<string> faults)
    {
        string type = (string?)schema["type"] ?? "";
        if (path == "/metadata")
        {
            // The API server refuses a definition that says anything of it but restrictions of the name.
            schema.Select(member => member.Key).ShouldBe(["type"]);
            return;
        }
        if (string.IsNullOrWhiteSpace((string?)schema["description"]))
        {
            faults.Add($"{path} has no description");
        }
        bool isOwn = path is not ("/apiVersion" or "/kind");
        bool bounded = type switch
        {
            "string" => schema.ContainsKey("maxLength") || schema.ContainsKey("enum") || (string?)schema["format"] == "date-time",
            "array" => schema.ContainsKey("maxItems") && schema.ContainsKey("x-kubernetes-list-type"),
            "object" when schema.ContainsKey("additionalProperties") => schema.ContainsKey("maxProperties"),
            "integer" => schema.ContainsKey("minimum") && schema.ContainsKey("format"),
            "number" => schema.ContainsKey("minimum") && schema.ContainsKey("maximum"),
            _ => true,
        };
        if (isOwn && !bounded)
        {
            faults.Add($"{path} has no bounds");
        }
        foreach ((string name, JsonObject child) in Children(schema))
        {
            VisitSchema($"{path}/{name}", child, faults);
        }
    }

    private static void Visit(string plural, string part, Action<string, Type, JsonObject> visit)
    {
        Type entity = plural switch
        {
            "pushcampaigns" => typeof(PushCampaign),
            "pushpools" => typeof(PushPool),
            _ => typeof(PushCampaignApproval),
        };
        Type type = Json.GetTypeInfo(entity).Properties.Single(property => property.Name == part).PropertyType;
        Visit(part, type, (JsonObject)ResourceTable.SchemaOf(plural)["properties"]![part]!, visit);
    }

    private static void Visit(string path, Type declared, JsonObject schema, Action<string, Type, JsonObject> visit)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        visit(path, type, schema);
        JsonTypeInfo info = Json.GetTypeInfo(type);
        foreach ((string name, JsonObject child) in Children(schema))
        {
            Type? childType = info.Kind is JsonTypeInfoKind.Object ? info.Properties.SingleOrDefault(property => property.Name == name)?.PropertyType : info.ElementType;
            if (childType is not null)
            {
                Visit($"{path}.{name}", childType, child, visit);
            }
        }
    }

    private static IEnumerable<(string Name, JsonObject Schema)> Children(JsonObject schema)
    {
        IEnumerable<(string, JsonObject)> properties = (schema["properties"] as JsonObject ?? []).Select(property => (property.Key, (JsonObject)property.Value!));
        IEnumerable<(string, JsonObject)> rest = new[] { "items", "additionalProperties" }.Where(schema.ContainsKey).Select(name => (name, (JsonObject)schema[name]!));
        return properties.Concat(rest);
    }

    private static IEnumerable<string> Differences(string path, Type type, JsonObject schema)
    {
        string expected = SchemaTypeOf(type);
        string actual = string.Join(' ', new[] { (string?)schema["type"], (string?)schema["format"] }.OfType<string>());
        if (schema.ContainsKey("x-kubernetes-int-or-string"))
        {
            actual = "quantity";
        }
        if (actual != expected)
        {
            yield return $"{path}: the schema says '{actual}', {type.Name} is '{expected}'";
        }
        if (type.IsEnum && !Enum.GetNames(type).SequenceEqual(schema["enum"]!.AsArray().Select(value => (string)value!)))
        {
            yield return $"{path}: the schema allows {schema["enum"]!.ToJsonString()}, the type {string.Join(' ', Enum.GetNames(type))}";
        }
        if (Json.GetTypeInfo(type).Kind is not JsonTypeInfoKind.Object)
        {
            yield break;
        }
        IList<JsonPropertyInfo> properties = Json.GetTypeInfo(type).Properties;
        string ours = string.Join(' ', properties.Select(property => property.Name).Order());
        string theirs = string.Join(' ', (schema["properties"] as JsonObject ?? []).Select(property => property.Key).Order());
        if (ours != theirs)
        {
            yield return $"{path}: the schema has {theirs}, the type {ours}";
        }
        // Conditions come from another room, which reads what it is given.
        string required = type == typeof(V1Condition)
            ? "lastTransitionTime message reason status type"
            : string.Join(' ', properties.Where(property => property.IsRequired).Select(property => property.Name).Order());
        string needed = string.Join(' ', (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Order());
        if (required != needed)
        {
            yield return $"{path}: the schema requires '{needed}', the type '{required}'";
        }
    }

    private static string SchemaTypeOf(Type type) => type switch
    {
        _ when type == typeof(string) || type.IsEnum => "string",
        _ when type == typeof(int) => "integer int32",
        _ when type == typeof(long) => "integer int64",
        _ when type == typeof(double) => "number double",
        _ when type == typeof(bool) => "boolean",
        _ when type == typeof(DateTimeOffset) => "string date-time",
        _ when type == typeof(Quantity) => "quantity",
        _ when Json.GetTypeInfo(type).Kind is JsonTypeInfoKind.Enumerable => "array",
        _ => "object",
    };

    private static JsonNode Least(JsonObject schema) => (string?)schema["type"] switch
    {
        "object" => new JsonObject((schema["required"] as JsonArray ?? [])
            .Select(name => KeyValuePair.Create((string)name!, (JsonNode?)Least((JsonObject)schema["properties"]![(string)name!]!)))),
        "array" => new JsonArray(),
        "string" when schema["enum"] is JsonArray options => options[0]!.DeepClone(),
        "string" when (string?)schema["format"] == "date-time" => JsonValue.Create("2030-01-01T00:00:00Z"),
        "string" => JsonValue.Create("x"),
        _ => JsonValue.Create(1),
    };

    private static JsonNode WithDefaults(JsonNode value, JsonObject schema)
    {
        if (value.DeepClone() is not JsonObject filled)
        {
            return value.DeepClone();
        }
        foreach ((string name, JsonNode? property) in schema["properties"] as JsonObject ?? [])
        {
            JsonNode? child = filled[name] ?? property!["default"];
            if (child is not null)
            {
                filled[name] = WithDefaults(child, (JsonObject)property!);
            }
        }
        return filled;
    }
}
