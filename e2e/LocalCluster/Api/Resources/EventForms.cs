using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>core/v1 and events.k8s.io/v1 show the same events under different field names; core's are stored.</summary>
internal static class EventForms
{
    private static readonly (string Core, string Newer)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    public static void ToCore(JsonObject value)
    {
        foreach ((string core, string newer) in Names)
        {
            Rename(value, newer, core);
        }
        value["apiVersion"] = "v1";
    }

    public static void FromCore(JsonObject value)
    {
        foreach ((string core, string newer) in Names)
        {
            Rename(value, core, newer);
        }
        value["apiVersion"] = "events.k8s.io/v1";
    }

    private static void Rename(JsonObject value, string from, string to)
    {
        if (value.Remove(from, out JsonNode? field))
        {
            value[to] = field;
        }
    }
}
