using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Http;
using PushPlatform.LocalCluster.Api.Schemas;
using Shouldly;

namespace PushPlatform.Tests.Unit.LocalCluster;

/// <summary>Objects and schemas written as YAML, the way people know them.</summary>
internal static class Objects
{
    public static JsonObject Yaml(string text) => (JsonObject)YamlJson.Parse(text)!;

    public static Schema Schema(string text) => PushPlatform.LocalCluster.Api.Schemas.Schema.Parse(YamlJson.Parse(text));

    public static void ShouldBeYaml(this JsonNode? actual, string expected) =>
        JsonNode.DeepEquals(actual, YamlJson.Parse(expected)).ShouldBeTrue($"expected {YamlJson.Parse(expected)?.ToJsonString()}\nbut was {actual?.ToJsonString()}");
}
