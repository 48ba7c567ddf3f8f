using System.Text.Json.Nodes;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>What came of a run of tests.</summary>
/// <param name="Passed">How many.</param>
/// <param name="Failed">By name, with what each said.</param>
/// <param name="Skipped">By name, with the reason.</param>
internal sealed record SpecReport(int Passed, IReadOnlyList<string> Failed, IReadOnlyList<(string Name, string Reason)> Skipped)
{
    // Of what one of them said; the whole of it is seen by running that one.
    private const int Longest = 300;

    /// <param name="ctrf">In the Common Test Report Format, as xUnit writes it.</param>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static SpecReport Read(string ctrf)
    {
        JsonObject results = JsonNode.Parse(ctrf)?["results"] as JsonObject ?? throw new InvalidOperationException("This is no report of tests.");
        List<JsonNode> tests = [.. (results["tests"] as JsonArray ?? []).OfType<JsonNode>()];
        // What breaks outside of a test, such as the server's own preparation, stands beside them.
        IEnumerable<JsonNode> errors = (results["extra"]?["suites"] as JsonArray ?? []).SelectMany(suite => suite?["errors"] as JsonArray ?? []).OfType<JsonNode>();
        return new SpecReport(
            Of("passed").Count(),
            [
                .. tests.Where(test => Text(test["status"]) is not ("passed" or "skipped")).Select(test => $"{ShortName(test)}: {OneLine(Text(test["message"]))}"),
                .. errors.Select(error => $"outside of any spec: {OneLine(Text(error["message"]))}"),
            ],
            [.. Of("skipped").Select(test => (ShortName(test), Text(test["extra"]?["reason"])))]);

        IEnumerable<JsonNode> Of(string status) => tests.Where(test => Text(test["status"]) == status);
    }

    /// <summary>Class and method.</summary>
    private static string ShortName(JsonNode test)
    {
        string name = Text(test["name"]);
        string type = Text(test["extra"]?["type"]);
        return name.StartsWith(type, StringComparison.Ordinal) ? name[(type.LastIndexOf('.') + 1)..] : name;
    }

    private static string OneLine(string text)
    {
        string line = string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return line.Length > Longest ? $"{line[..Longest]}…" : line;
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
