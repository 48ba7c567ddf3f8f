using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary>One column of <c>kubectl get</c>; a priority above 0 shows with <c>-o wide</c> only.</summary>
internal sealed record TableColumn(
    string Title, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Cell, int Priority = 0, string Format = "", string Description = "")
{
    public static TableColumn Name { get; } = new("Name", "string", (value, _) => value.Name(), Format: "name", Description: "Name of the object.");

    public static TableColumn Age { get; } = new("Age", "string", (value, now) => AgeOf(value.Text("metadata", "creationTimestamp"), now), Description: "Time since creation.");

    /// <summary>The columns of <c>additionalPrinterColumns</c>; without any: the age.</summary>
    public static IReadOnlyList<TableColumn> FromDefinition(IEnumerable<JsonNode?> columns)
    {
        List<TableColumn> result = [.. columns.OfType<JsonObject>().Select(FromDefinition)];
        return result.Count == 0 ? [Name, Age] : [Name, .. result];
    }

    /// <summary>How long ago a metav1.Time was.</summary>
    public static string AgeOf(string? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, out DateTimeOffset time) ? HumanDuration.Format(now - time) : "<unknown>";

    private static TableColumn FromDefinition(JsonObject column)
    {
        JsonPath path = new(column.Text("jsonPath") ?? "");
        string type = column.Text("type") ?? "string";
        return new TableColumn(
            column.Text("name") ?? "",
            type,
            (value, now) => Show([.. path.Find(value)], type, now),
            (int)(column.Number("priority") ?? 0),
            column.Text("format") ?? "",
            column.Text("description") ?? "");
    }

    private static JsonNode? Show(List<JsonNode?> found, string type, DateTimeOffset now) => (found.Count, type) switch
    {
        (0, _) => null,
        (_, "date") => AgeOf(found[0].Text(), now),
        (1, _) => found[0]!.DeepClone(),
        _ => string.Join(',', found),
    };
}
