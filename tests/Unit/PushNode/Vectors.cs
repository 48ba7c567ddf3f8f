using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode;

/// <summary>The test vectors beside PROTOCOL.md, read where they lie.</summary>
internal static class Vectors
{
    public static JsonObject File(string name, [CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, RootFrom(here)));
        return JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(root, "push-node", "vectors", name + ".json")))!.AsObject();
    }

    public static IEnumerable<JsonObject> Cases(string name, [CallerFilePath] string here = "") =>
        File(name, here)["cases"]!.AsArray().Select(node => node!.AsObject());

    public static TheoryData<string> Names(string name, [CallerFilePath] string here = "") =>
        new(Cases(name, here).Select(one => (string)one["name"]!));

    public static JsonObject Case(string name, string @case, [CallerFilePath] string here = "") =>
        Cases(name, here).Single(one => (string?)one["name"] == @case);

    private static string RootFrom(string here)
    {
        string folder = Path.GetDirectoryName(here)!;
        string up = ".";
        while (!System.IO.File.Exists(Path.Combine(folder, up, "PushPlatform.sln")))
        {
            up = Path.Combine(up, "..");
        }

        return up;
    }
}
