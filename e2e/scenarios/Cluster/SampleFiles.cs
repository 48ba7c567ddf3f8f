using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Http;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The files of <c>crds/samples</c>.</summary>
internal static class SampleFiles
{
    /// <summary>The names of those that hold a resource of this kind.</summary>
    public static IReadOnlyList<string> Of(string kind) =>
        [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(path => Path.GetFileName(path)).Where(file => (string?)Read(file)["kind"] == kind).Order(StringComparer.Ordinal)];

    public static string PathOf(string file) => Path.Combine(Folder, file);

    public static JsonObject Read(string file) =>
        YamlJson.Parse(File.ReadAllText(PathOf(file))) as JsonObject ?? throw new InvalidDataException($"{file} holds no resource.");

    private static string Folder => Path.Combine(Checkout.OfThisBuild().Root, "crds", "samples");
}
