using System.Text.Json.Nodes;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>The test vectors beside PROTOCOL.md, read where they lie.</summary>
internal static class VectorFile
{
    public static JsonObject Read(string name)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "PushPlatform.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return JsonNode.Parse(File.ReadAllText(Path.Combine(folder!, "push-node", "vectors", name + ".json")))!.AsObject();
    }

    public static IEnumerable<JsonObject> Cases(JsonObject file) => file["cases"]!.AsArray().Select(node => node!.AsObject());
}
