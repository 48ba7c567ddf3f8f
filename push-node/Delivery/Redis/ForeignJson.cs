using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PushPlatform.Delivery.Redis;

/// <summary>Reads JSON that stood where others can write.</summary>
internal static class ForeignJson
{
    /// <summary>Null: it is not what was meant to stand there.</summary>
    public static T? Read<T>(string json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (Exception unreadable) when (unreadable is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
