using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

internal static class Conditions
{
    /// <summary>New conditions that keep the transition time of those whose status stays.</summary>
    public static JsonArray Merge(IEnumerable<JsonNode?> before, string now, params ReadOnlySpan<(string Type, bool IsTrue, string Reason)> conditions)
    {
        List<JsonNode?> known = [.. before];
        JsonArray result = [];
        foreach ((string type, bool isTrue, string reason) in conditions)
        {
            string status = isTrue ? "True" : "False";
            JsonNode? previous = known.Find(condition => condition.Text("type") == type && condition.Text("status") == status);
            result.Add((JsonNode)new JsonObject
            {
                ["type"] = type,
                ["status"] = status,
                ["reason"] = reason,
                ["lastTransitionTime"] = previous.Text("lastTransitionTime") ?? now,
            });
        }
        return result;
    }
}
