using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Schemas;

/// <summary>Drops the fields that the schema does not know and says which.</summary>
internal static class Pruning
{
    /// <returns>The paths that were dropped, in the object's order.</returns>
    public static IReadOnlyList<string> Apply(JsonObject value, Schema schema)
    {
        List<string> dropped = [];
        Prune(value, schema, "", dropped);
        return dropped;
    }

    private static void Prune(JsonNode? value, Schema schema, string path, List<string> dropped)
    {
        if (value is JsonArray items && schema.Items is { } itemSchema)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Prune(items[i], itemSchema, $"{path}[{i}]", dropped);
            }
        }
        if (value is not JsonObject members)
        {
            return;
        }
        foreach ((string name, JsonNode? member) in members.ToList())
        {
            string memberPath = path.Length == 0 ? name : $"{path}.{name}";
            Schema? known = schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties;
            if (known is not null)
            {
                Prune(member, known, memberPath, dropped);
            }
            else if (!schema.PreservesUnknown && !schema.AllowsAnyProperty && !(schema.IsEmbeddedResource && name is "apiVersion" or "kind" or "metadata"))
            {
                members.Remove(name);
                dropped.Add(memberPath);
            }
        }
    }
}
