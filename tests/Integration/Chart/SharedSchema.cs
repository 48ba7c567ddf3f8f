using System.IO.Compression;
using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>Schemas of other people's formats. They are large and not ours, so they stand beside the checkout, in <c>../shared/schemas</c>.</summary>
internal static class SharedSchema
{
    /// <summary>Skips the test where the file is not there.</summary>
    public static DefinitionsSchema Load(string name)
    {
        string path = Path.GetFullPath(Path.Combine(ResourceTable.Root, "..", "shared", "schemas", name));
        Assert.SkipUnless(File.Exists(path), $"{name} is not in ../shared/schemas beside the checkout.");
        using Stream file = File.OpenRead(path);
        using Stream text = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        return new DefinitionsSchema((JsonObject)JsonNode.Parse(text)!);
    }
}
