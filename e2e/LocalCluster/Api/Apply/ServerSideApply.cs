using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Apply;

/// <summary>A field that another manager holds with another value.</summary>
internal sealed record ApplyConflict(ManagerId Owner, string Field);

/// <summary>
/// Server-side apply: the applied configuration is merged into the live object, fields that the same manager no longer lists and nobody
/// else holds go away, and fields that others hold with another value are conflicts unless forced (then they change hands).
/// </summary>
internal static class ServerSideApply
{
    /// <summary>
    /// Applies to the stored object (empty when the apply creates it). While <paramref name="conflicts"/> is not empty, the result must
    /// not be stored.
    /// </summary>
    /// <returns>The new object with its managedFields.</returns>
    public static JsonObject Apply(
        JsonObject live, JsonObject applied, Schema schema, ManagerId id, string apiVersion, bool force, string now, out IReadOnlyList<ApplyConflict> conflicts)
    {
        List<Manager> managers = ManagedFields.Read(live);
        FieldTree before = managers.Find(manager => manager.Id == id)?.Fields ?? new FieldTree();
        FieldTree wanted = FieldWalk.Of(applied, schema);
        List<Manager> others = [.. managers.Where(manager => manager.Id != id)];
        conflicts = force ? [] : [.. others.Where(other => !IsSamePerson(other.Id, id)).SelectMany(other => Conflicts(other, wanted, live, applied, schema))];

        JsonObject result = (JsonObject)Merge(live, applied, schema)!;
        FieldTree heldByOthers = others.Aggregate(new FieldTree(), (all, other) => all.Union(other.Fields));
        RemoveFields(result, schema, before.Except(wanted).Except(heldByOthers));

        // A change of value takes the field from everybody who held it; an equal value is shared.
        FieldTree taken = ManagedFields.Changed(live, result, schema).Intersect(wanted);
        List<Manager> after = [.. others.Select(other => other with { Fields = other.Fields.Except(taken) })];
        Manager? own = managers.Find(manager => manager.Id == id);
        bool same = own is not null && taken.IsEmpty && before.Except(wanted).IsEmpty && wanted.Except(before).IsEmpty;
        after.Add(new Manager(id, apiVersion, same ? own!.Time : now, wanted));
        ManagedFields.Write(result, after);
        return result;
    }

    // What kubectl applied from the client's side it may take over from the server's side without force.
    private static bool IsSamePerson(ManagerId other, ManagerId id) => id.Name == "kubectl" && other.Name == "kubectl-client-side-apply";

    private static IEnumerable<ApplyConflict> Conflicts(Manager other, FieldTree wanted, JsonObject live, JsonObject applied, Schema schema)
    {
        foreach (IReadOnlyList<string> path in wanted.Intersect(other.Fields).Paths())
        {
            (JsonNode? Value, Schema Schema)? current = FieldWalk.Find(live, schema, path);
            (JsonNode? Value, Schema Schema)? next = FieldWalk.Find(applied, schema, path);
            bool isContainer = next is { } found && FieldWalk.Parts(found.Value, found.Schema).Any();
            if (!isContainer && !JsonNode.DeepEquals(current?.Value, next?.Value))
            {
                yield return new ApplyConflict(other.Id, FieldWalk.Display(path));
            }
        }
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? applied, Schema schema)
    {
        switch (live, applied)
        {
            case (JsonObject current, JsonObject changes) when !schema.IsAtomicMap:
                JsonObject members = current.Copy();
                foreach ((string name, JsonNode? change) in changes)
                {
                    members[name] = Merge(members[name], change, schema.Member(name) ?? Schema.Anything);
                }
                return members;
            case (JsonArray current, JsonArray changes) when schema.ListType != ListType.Atomic:
                return MergeItems(current, changes, schema);
            default:
                return applied?.DeepClone();
        }
    }

    private static JsonArray MergeItems(JsonArray current, JsonArray changes, Schema schema)
    {
        List<(string Step, JsonNode? Value)> result = [.. FieldWalk.Parts(current, schema).Select(part => (part.Step, part.Value))];
        foreach ((string step, Schema itemSchema, JsonNode? change) in FieldWalk.Parts(changes, schema))
        {
            int index = result.FindIndex(item => item.Step == step);
            JsonNode? merged = Merge(index < 0 ? null : result[index].Value, change, itemSchema);
            if (index < 0)
            {
                result.Add((step, merged));
            }
            else
            {
                result[index] = (step, merged);
            }
        }
        return JsonAccess.ArrayOf(result.Select(item => item.Value?.DeepClone()).ToList());
    }

    private static void RemoveFields(JsonNode? value, Schema schema, FieldTree removed)
    {
        foreach ((string step, Schema partSchema, JsonNode? part) in FieldWalk.Parts(value, schema).ToList())
        {
            if (removed.Find(step) is not { } tree)
            {
                continue;
            }
            RemoveFields(part, partSchema, tree);
            bool emptied = part is JsonObject { Count: 0 } or JsonArray { Count: 0 } && !tree.IsMember && tree.Children.Any();
            if (tree.IsMember || emptied)
            {
                Detach(value, step, part);
            }
        }
    }

    private static void Detach(JsonNode? parent, string step, JsonNode? part)
    {
        if (parent is JsonObject members)
        {
            members.Remove(step[2..]);
        }
        else if (parent is JsonArray items)
        {
            items.Remove(part);
        }
    }
}
