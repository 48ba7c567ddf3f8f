using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary><c>meta.k8s.io/v1 Table</c>: the form in which kubectl asks for what it prints.</summary>
internal static class TableView
{
    /// <summary>
    /// A table of objects; <paramref name="metadata"/> is the list's (resource version, continue token), <paramref name="includeObject"/>
    /// is <c>Metadata</c> (default), <c>Object</c> or <c>None</c>; the later events of one watch come without columns.
    /// </summary>
    public static JsonObject Of(
        ResourceKind kind, IEnumerable<JsonObject> objects, JsonNode? metadata, string? includeObject, DateTimeOffset now, bool withColumns = true)
    {
        JsonArray columns = withColumns ? JsonAccess.ArrayOf(kind.Columns.Select(Definition)) : [];
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata?.DeepClone() ?? new JsonObject(),
            ["columnDefinitions"] = columns,
            ["rows"] = JsonAccess.ArrayOf(objects.Select(value => Row(kind, value, includeObject, now))),
        };
    }

    /// <summary>The object as <c>PartialObjectMetadata</c>.</summary>
    public static JsonObject MetadataOnly(JsonObject value) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = value["metadata"]?.DeepClone(),
    };

    private static JsonNode Definition(TableColumn column) => new JsonObject
    {
        ["name"] = column.Title,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    private static JsonNode Row(ResourceKind kind, JsonObject value, string? includeObject, DateTimeOffset now)
    {
        JsonObject row = new() { ["cells"] = JsonAccess.ArrayOf(kind.Columns.Select(column => column.Cell(value, now))) };
        if (includeObject != "None")
        {
            row["object"] = includeObject == "Object" ? value.DeepClone() : MetadataOnly(value);
        }
        return row;
    }
}
