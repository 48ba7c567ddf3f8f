using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PushPlatform.Tests.Resources;

/// <summary>YAML as an API server reads it: JSON with another spelling.</summary>
internal static class YamlJson
{
    public static IReadOnlyList<JsonObject> Documents(string yaml)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => (JsonObject)Node(document.RootNode)!)];
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Node(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Node)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } text => JsonValue.Create(text.Value),
        YamlScalarNode plain => Plain(plain.Value ?? ""),
        _ => throw new FormatException($"{node.NodeType} at {node.Start}"),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "null" or "~" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, out long whole) => JsonValue.Create(whole),
        _ when text[0] is '-' or (>= '0' and <= '9') && double.TryParse(text, out double number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
