using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Patching;

/// <summary>
/// Strategic merge patch of built-in kinds: a merge patch in which lists with a key are merged item by item, with the directives that
/// kubectl sends (<c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList</c>, <c>$setElementOrder</c>).
/// </summary>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        if (patch.Text(Directive) == "replace")
        {
            JsonObject replacement = patch.Copy();
            replacement.Remove(Directive);
            return replacement;
        }
        JsonObject result = target.Copy();
        foreach ((string name, JsonNode? change) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal))
            {
                RemovePrimitives(result, name[DeletePrefix.Length..], change);
            }
            else if (!name.StartsWith('$'))
            {
                ApplyMember(result, name, change, schema.Member(name) ?? Schema.Anything);
            }
        }
        foreach ((string name, JsonNode? order) in patch.Where(member => member.Key.StartsWith(OrderPrefix, StringComparison.Ordinal)))
        {
            Reorder(result, name[OrderPrefix.Length..], order, schema.Member(name[OrderPrefix.Length..]) ?? Schema.Anything);
        }
        if (patch[RetainKeys] is JsonArray retained)
        {
            HashSet<string> kept = [.. retained.Select(key => key.Text() ?? "")];
            foreach (string name in result.Select(member => member.Key).Where(name => !kept.Contains(name)).ToList())
            {
                result.Remove(name);
            }
        }
        return result;
    }

    private static void ApplyMember(JsonObject result, string name, JsonNode? change, Schema schema)
    {
        switch (change)
        {
            case null:
                result.Remove(name);
                break;
            case JsonObject members when members.Text(Directive) == "delete":
                result.Remove(name);
                break;
            case JsonObject members:
                result[name] = Apply(result[name] as JsonObject ?? [], members, schema);
                break;
            case JsonArray items when schema.ListType == ListType.Map:
                result[name] = MergeItems(result[name] as JsonArray ?? [], items, schema);
                break;
            case JsonArray items when schema.ListType == ListType.Set:
                result[name] = JsonAccess.ArrayOf(result.Items(name).Concat(items).Select(item => item!.ToString()).Distinct());
                break;
            default:
                result[name] = change.DeepClone();
                break;
        }
    }

    private static JsonArray MergeItems(JsonArray current, JsonArray changes, Schema list)
    {
        string key = list.ListKeys[0];
        Schema itemSchema = list.Items ?? Schema.Anything;
        if (changes.Any(change => change.Text(Directive) == "replace"))
        {
            return JsonAccess.ArrayOf(changes.Where(change => change.At(Directive) is null).Select(change => change?.DeepClone()));
        }
        List<JsonNode?> result = [.. current.Select(item => item?.DeepClone())];
        foreach (JsonObject change in changes.OfType<JsonObject>())
        {
            int index = result.FindIndex(item => JsonNode.DeepEquals(item.At(key), change[key]));
            if (change.Text(Directive) == "delete")
            {
                if (index >= 0)
                {
                    result.RemoveAt(index);
                }
            }
            else if (index >= 0)
            {
                result[index] = Apply((JsonObject)result[index]!, change, itemSchema);
            }
            else
            {
                result.Add(Apply([], change, itemSchema));
            }
        }
        return JsonAccess.ArrayOf(result);
    }

    private static void RemovePrimitives(JsonObject result, string name, JsonNode? removed)
    {
        if (result[name] is JsonArray items && removed is JsonArray values)
        {
            result[name] = JsonAccess.ArrayOf(items.Where(item => !values.Any(value => JsonNode.DeepEquals(value, item))).Select(item => item?.DeepClone()));
        }
    }

    private static void Reorder(JsonObject result, string name, JsonNode? order, Schema list)
    {
        if (result[name] is not JsonArray items || order is not JsonArray wanted)
        {
            return;
        }
        List<JsonNode?> places = [.. wanted.Select(item => list.ListType == ListType.Map ? item.At(list.ListKeys[0]) : item)];
        int Place(JsonNode? item)
        {
            JsonNode? key = list.ListType == ListType.Map ? item.At(list.ListKeys[0]) : item;
            int place = places.FindIndex(other => JsonNode.DeepEquals(other, key));
            return place < 0 ? int.MaxValue : place;
        }
        // OrderBy is stable: what the order does not name stays behind in its own order.
        result[name] = JsonAccess.ArrayOf(items.OrderBy(Place).Select(item => item?.DeepClone()).ToList());
    }
}
