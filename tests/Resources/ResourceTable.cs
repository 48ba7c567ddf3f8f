using System.Text.Json.Nodes;

namespace PushPlatform.Tests.Resources;

/// <summary>Who refuses a row of the table.</summary>
public enum Verdict
{
    /// <summary>Nobody.</summary>
    Good,

    /// <summary>Every API server; the words are the path of the field.</summary>
    BadBySchema,

    /// <summary>API servers from 1.30 on; the words are part of the rule's message.</summary>
    BadByCel,

    /// <summary>Only the operator; the words are part of its message.</summary>
    BadByOperator,
}

/// <summary>One resource, or one change from an old to a new one, and what should be said of it.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Verdict">Who refuses it.</param>
/// <param name="Words">What the answer must contain; empty for good rows.</param>
/// <param name="Old">What was there before, with its status; <see langword="null"/> for a creation.</param>
/// <param name="New">What is applied.</param>
internal sealed record ResourceRow(string Name, Verdict Verdict, string Words, JsonObject? Old, JsonObject New);

/// <summary>
/// The table of good and bad resources: one file a row, whose first line says <c># good [update]</c> or <c># bad [update] by schema|cel|operator: words</c>.
/// An update holds two documents, the old resource and the new one.
/// </summary>
internal static class ResourceTable
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>Our kinds, by their plural.</summary>
    public static IReadOnlyList<string> Plurals { get; } = [.. Directory.EnumerateFiles(Path.Combine(Root, "crds"), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];

    /// <summary>All rows of <c>campaigns</c>, <c>pools</c> or <c>campaignapprovals</c>, by name.</summary>
    public static IReadOnlyList<ResourceRow> Rows(string kind) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "tests", "Resources", kind), "*.yaml").Order().Select(Read)];

    /// <summary>Names of the rows that <paramref name="wanted"/> picks, for a theory.</summary>
    public static IEnumerable<string> Names(string kind, Func<ResourceRow, bool> wanted) => Rows(kind).Where(wanted).Select(row => row.Name);

    /// <summary>One row.</summary>
    public static ResourceRow Row(string kind, string name) => Read(Path.Combine(Root, "tests", "Resources", kind, name + ".yaml"));

    /// <summary>A custom resource definition of <c>crds/</c>.</summary>
    public static JsonObject Definition(string plural) => YamlJson.Documents(File.ReadAllText(Path.Combine(Root, "crds", plural + ".yaml")))[0];

    /// <summary>Its schema.</summary>
    public static JsonObject SchemaOf(string plural) => (JsonObject)Definition(plural)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;

    private static ResourceRow Read(string file)
    {
        string yaml = File.ReadAllText(file);
        string head = yaml[..yaml.IndexOf('\n', StringComparison.Ordinal)];
        string[] parts = head.Split(": ", 2);
        Verdict verdict = parts[0].Replace(" update", "", StringComparison.Ordinal) switch
        {
            "# good" => Verdict.Good,
            "# bad by schema" => Verdict.BadBySchema,
            "# bad by cel" => Verdict.BadByCel,
            "# bad by operator" => Verdict.BadByOperator,
            _ => throw new FormatException($"{file} begins with '{head}'"),
        };
        IReadOnlyList<JsonObject> documents = YamlJson.Documents(yaml);
        bool isUpdate = parts[0].Contains(" update", StringComparison.Ordinal);
        if (documents.Count != (isUpdate ? 2 : 1) || (verdict is Verdict.Good) != (parts.Length == 1))
        {
            throw new FormatException($"{file}: the first line does not fit what follows");
        }
        return new(Path.GetFileNameWithoutExtension(file), verdict, parts.Length == 1 ? "" : parts[1], isUpdate ? documents[0] : null, documents[^1]);
    }

    private static string FindRoot(string from)
    {
        DirectoryInfo? here = new(from);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "PushPlatform.sln")))
        {
            here = here.Parent;
        }
        return here?.FullName ?? throw new InvalidOperationException($"no PushPlatform.sln above {from}");
    }
}
