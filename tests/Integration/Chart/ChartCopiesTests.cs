using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>
/// A chart can read no file outside of its folder, and a link would be lost where a repository is fetched as an archive. So some of what is ours stands twice; here
/// it is held together. With PUSH_CHART_COPY=1 in the environment the copies are made anew instead.
/// </summary>
public sealed class ChartCopiesTests
{
    private const string Hint = "is not what it is a copy of: run this class with PUSH_CHART_COPY=1";

    private static readonly bool Writes = Environment.GetEnvironmentVariable("PUSH_CHART_COPY") == "1";

    private static readonly string[] Words = ["type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "maxProperties", "required"];

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string SchemaPath => Path.Combine(Helm.Chart, "values.schema.json");

    [Theory]
    [InlineData("crds", "*.yaml", "crds")]
    [InlineData("crds/admission", "*.yaml", "admission")]
    [InlineData("push-node/nginx", "*.conf", "nginx")]
    public void Files_InTheChart_AreTheOnesOfTheRooms(string room, string pattern, string folder)
    {
        string[] originals = Directory.GetFiles(Path.Combine(ResourceTable.Root, room), pattern);
        string copies = Path.Combine(Helm.Chart, "files", folder);
        foreach (string original in originals.Where(_ => Writes))
        {
            File.Copy(original, Path.Combine(copies, Path.GetFileName(original)), overwrite: true);
        }

        Directory.GetFiles(copies).Select(Path.GetFileName).Order().ShouldBe(originals.Select(Path.GetFileName).Order());
        foreach (string original in originals)
        {
            string copy = Path.Combine(copies, Path.GetFileName(original));
            (File.ReadAllText(copy) == File.ReadAllText(original)).ShouldBeTrue($"{copy} {Hint}");
        }
    }

    [Fact]
    public void ValuesSchema_PoolSpec_IsTheDefinitionsWithNoUnknownField()
    {
        JsonObject schema = ReadSchema();
        JsonObject spec = Closed((JsonObject)ResourceTable.SchemaOf("pushpools")["properties"]!["spec"]!);
        // What is required of a PushPool need not be required of the values, whose pool may be switched off; the chart says it where it is on.
        spec.Remove("required");
        if (Writes)
        {
            schema["definitions"]!["poolSpec"] = spec.DeepClone();
            File.WriteAllText(SchemaPath, schema.ToJsonString(Layout) + "\n");
        }

        JsonNode.DeepEquals(schema["definitions"]!["poolSpec"], spec).ShouldBeTrue($"values.schema.json#/definitions/poolSpec {Hint}");
    }

    /// <summary>An object has known fields alone, is a map of one kind of value, or is one of Kubernetes' own, which checks it.</summary>
    [Fact]
    public void ValuesSchema_EveryObjectOfOurs_RefusesUnknownKeys()
    {
        JsonObject schema = ReadSchema();
        List<string> open = [];
        FindOpen(schema, "", open);
        open.Order().ShouldBe(["/definitions/kubernetes", "/properties/extraObjects/items", "/properties/global"]);
    }

    [Fact]
    public void Values_EveryKey_IsInTheSchema_AndTheOtherWayAround()
    {
        JsonObject values = YamlJson.Documents(File.ReadAllText(Path.Combine(Helm.Chart, "values.yaml")))[0];
        List<string> differing = [];
        Compare(values, ReadSchema(), ReadSchema(), "", differing);
        differing.ShouldBe(["/global"]);
    }

    private static JsonObject ReadSchema() => (JsonObject)JsonNode.Parse(File.ReadAllText(SchemaPath))!;

    private static JsonObject Closed(JsonObject schema)
    {
        JsonObject closed = new(schema.Where(member => Words.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        if (schema["x-kubernetes-int-or-string"] is not null)
        {
            closed["type"] = new JsonArray("integer", "string");
        }
        if (schema["properties"] is JsonObject properties)
        {
            closed["additionalProperties"] = false;
            closed["properties"] = new JsonObject(properties.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Key, Closed((JsonObject)member.Value!))));
        }
        else if (schema["additionalProperties"] is JsonObject each)
        {
            closed["additionalProperties"] = Closed(each);
        }
        if (schema["items"] is JsonObject items)
        {
            closed["items"] = Closed(items);
        }
        return closed;
    }

    private static void FindOpen(JsonNode? node, string path, List<string> open)
    {
        if (node is not JsonObject members)
        {
            return;
        }
        bool isObject = members["type"] is { } type && (type is JsonArray types ? types.Any(one => (string?)one == "object") : type.GetValueKind() == JsonValueKind.String && (string?)type == "object");
        if (isObject && members["additionalProperties"] is null)
        {
            open.Add(path);
        }
        foreach ((string name, JsonNode? member) in members)
        {
            FindOpen(member, $"{path}/{name}", open);
        }
    }

    private static void Compare(JsonObject values, JsonObject schema, JsonObject root, string path, List<string> differing)
    {
        if (schema["properties"] is not JsonObject known)
        {
            return;
        }
        foreach (string name in known.Select(member => member.Key).Union(values.Select(member => member.Key)))
        {
            if (!known.ContainsKey(name) || !values.ContainsKey(name))
            {
                differing.Add($"{path}/{name}");
            }
            else if (values[name] is JsonObject inner && known[name]!["$ref"] is null)
            {
                Compare(inner, (JsonObject)known[name]!, root, $"{path}/{name}", differing);
            }
        }
    }
}
