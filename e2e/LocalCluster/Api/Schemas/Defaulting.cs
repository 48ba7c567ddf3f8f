using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Schemas;

/// <summary>Fills in the schema's defaults, outermost first, so that a default of an object is itself filled in.</summary>
internal static class Defaulting
{
    public static void Apply(JsonNode? value, Schema schema)
    {
        switch (value)
        {
            case JsonObject members:
                foreach ((string name, Schema member) in schema.Properties)
                {
                    bool missing = !members.TryGetPropertyValue(name, out JsonNode? current) || (current is null && !member.Nullable);
                    if (missing && member.Default is { } preset)
                    {
                        members[name] = preset.DeepClone();
                    }
                }
                foreach ((string name, JsonNode? member) in members)
                {
                    if ((schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties) is { } known)
                    {
                        Apply(member, known);
                    }
                }
                break;
            case JsonArray items when schema.Items is { } known:
                foreach (JsonNode? item in items)
                {
                    Apply(item, known);
                }
                break;
        }
    }
}
