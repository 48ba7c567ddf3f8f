using System.Text.Json;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>Reads push-node/vectors.</summary>
internal static class Vectors
{
    internal static IEnumerable<JsonElement> Cases(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", file + ".json")));
        return [.. document.RootElement.GetProperty("cases").Clone().EnumerateArray()];
    }

    internal static TheoryData<string> Names(string file) => [.. Cases(file).Select(vector => vector.GetProperty("name").GetString()!)];

    internal static JsonElement Case(string file, string name) => Cases(file).Single(vector => vector.GetProperty("name").GetString() == name);
}
