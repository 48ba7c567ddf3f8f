using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Apply;

/// <summary>Who wrote: the manager's name, how (Apply or Update) and through which subresource.</summary>
internal sealed record ManagerId(string Name, string Operation, string Subresource);

/// <summary>One writer's part of an object.</summary>
internal sealed record Manager(ManagerId Id, string ApiVersion, string Time, FieldTree Fields);

/// <summary><c>metadata.managedFields</c>: read, kept over a plain write, written.</summary>
internal static class ManagedFields
{
    public const string ApplyOperation = "Apply";
    public const string UpdateOperation = "Update";

    public static List<Manager> Read(JsonObject value) =>
    [
        .. value.Items("metadata", "managedFields").OfType<JsonObject>().Select(entry => new Manager(
            new ManagerId(entry.Text("manager") ?? "", entry.Text("operation") ?? UpdateOperation, entry.Text("subresource") ?? ""),
            entry.Text("apiVersion") ?? "",
            entry.Text("time") ?? "",
            FieldTree.FromFieldsV1(entry["fieldsV1"]))),
    ];

    public static void Write(JsonObject value, IEnumerable<Manager> managers)
    {
        JsonArray entries = JsonAccess.ArrayOf(managers.Where(manager => !manager.Fields.IsEmpty).Select(Entry));
        if (entries.Count == 0)
        {
            value.Metadata().Remove("managedFields");
            return;
        }
        value.Metadata()["managedFields"] = entries;
    }

    /// <summary>
    /// Books a create, update or patch: what it changed belongs to its manager now, alone; what it removed belongs to nobody.
    /// </summary>
    public static void AfterUpdate(JsonObject before, JsonObject after, Schema schema, ManagerId id, string apiVersion, string now)
    {
        FieldTree removed = FieldWalk.Of(before, schema).Except(FieldWalk.Of(after, schema));
        FieldTree changed = Changed(before, after, schema);
        List<Manager> managers = Read(before);
        FieldTree own = managers.Find(manager => manager.Id == id)?.Fields ?? new FieldTree();
        List<Manager> result = [.. managers.Where(manager => manager.Id != id).Select(manager => manager with { Fields = manager.Fields.Except(changed).Except(removed) })];
        string time = changed.IsEmpty && removed.IsEmpty ? managers.Find(manager => manager.Id == id)?.Time ?? now : now;
        result.Add(new Manager(id, apiVersion, time, own.Except(removed).Union(changed)));
        Write(after, result);
    }

    /// <summary>The fields of <paramref name="after"/> that are new or have another value.</summary>
    public static FieldTree Changed(JsonObject before, JsonObject after, Schema schema)
    {
        FieldTree result = new();
        foreach (IReadOnlyList<string> path in FieldWalk.Of(after, schema).Paths())
        {
            (JsonNode? Value, Schema Schema)? now = FieldWalk.Find(after, schema, path);
            (JsonNode? Value, Schema Schema)? then = FieldWalk.Find(before, schema, path);
            bool isContainer = now is { } found && FieldWalk.Parts(found.Value, found.Schema).Any();
            if (then is null || (!isContainer && !JsonNode.DeepEquals(then.Value.Value, now?.Value)))
            {
                path.Aggregate(result, (tree, step) => tree.At(step)).IsMember = true;
            }
        }
        return result;
    }

    private static JsonObject Entry(Manager manager)
    {
        JsonObject entry = new()
        {
            ["apiVersion"] = manager.ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = manager.Fields.ToFieldsV1(),
            ["manager"] = manager.Id.Name,
            ["operation"] = manager.Id.Operation,
        };
        if (manager.Id.Subresource.Length > 0)
        {
            entry["subresource"] = manager.Id.Subresource;
        }
        entry["time"] = manager.Time;
        return entry;
    }
}
