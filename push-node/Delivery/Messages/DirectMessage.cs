using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace PushPlatform.Delivery.Messages;

/// <summary>What a service says to vehicles (PROTOCOL.md §7): <c>{id, to: {vids | role | all}, payload, ttlSeconds}</c>.</summary>
/// <param name="Id">1 to 128 visible ASCII characters.</param>
/// <param name="Payload">A JSON value, as it was written: UTF-8, at most <see cref="MaxPayload"/>.</param>
/// <param name="TtlSeconds">1 to a day.</param>
public sealed record DirectMessage(string Id, MessageTarget To, ReadOnlyMemory<byte> Payload, int TtlSeconds)
{
    /// <summary>Bytes of a whole message, so that nothing large is ever parsed: all vids and the payload fit twice.</summary>
    public const int MaxBody = 256 * 1024;

    /// <summary>Bytes; so that two messages fit into the outbox of a vehicle that is slow for a moment.</summary>
    public const int MaxPayload = 30 * 1024;

    /// <summary>Named vehicles; whoever means more sends several messages.</summary>
    public const int MaxVids = 1000;

    private const int MaxId = 128;
    private const int MaxName = 129; // a vid, a slash and a device
    private const int MaxTtlSeconds = 86_400;
    private const int DefaultTtlSeconds = 60;

    /// <summary>Reads and judges one. Unknown members are skipped.</summary>
    /// <param name="fault">What cannot be read: <c>too-large json id to payload ttl</c>.</param>
    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out DirectMessage? message, [NotNullWhen(false)] out string? fault)
    {
        message = null;
        if (body.Length > MaxBody)
        {
            fault = "too-large";
            return false;
        }

        try
        {
            // Vehicles would cut a connection that sends them text that is none; the reader of JSON does not look into strings.
            using JsonDocument? document = Utf8.IsValid(body.Span) ? JsonDocument.Parse(body) : null;
            fault = document?.RootElement is { ValueKind: JsonValueKind.Object } root ? Judge(root, out message) : "json";
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The second: half a surrogate pair in an escape, which JSON allows and text cannot hold.
            fault = "json";
        }

        return fault is null;
    }

    private static string? Judge(JsonElement root, out DirectMessage? message)
    {
        message = null;
        if (Text(root, "id") is not { Length: > 0 and <= MaxId } id || id.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return "id";
        }

        if (!root.TryGetProperty("to", out JsonElement to) || ReadTarget(to) is not { } target)
        {
            return "to";
        }

        if (!root.TryGetProperty("payload", out JsonElement payload) || payload.ValueKind == JsonValueKind.Null
            || JsonMarshal.GetRawUtf8Value(payload).Length > MaxPayload)
        {
            return "payload";
        }

        int ttl = DefaultTtlSeconds;
        if (root.TryGetProperty("ttlSeconds", out JsonElement given) && given.ValueKind != JsonValueKind.Null
            && (given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out ttl) || ttl is < 1 or > MaxTtlSeconds))
        {
            return "ttl";
        }

        message = new DirectMessage(id, target, JsonMarshal.GetRawUtf8Value(payload).ToArray(), ttl);
        return null;
    }

    /// <returns>Null: faulty, or not just one of the three.</returns>
    private static MessageTarget? ReadTarget(JsonElement to)
    {
        if (to.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        bool byVids = to.TryGetProperty("vids", out JsonElement vids) && vids.ValueKind != JsonValueKind.Null;
        bool byRole = to.TryGetProperty("role", out JsonElement role) && role.ValueKind != JsonValueKind.Null;
        bool byAll = to.TryGetProperty("all", out JsonElement all) && all.ValueKind != JsonValueKind.Null;
        return (byVids, byRole, byAll) switch
        {
            (true, false, false) => ReadVids(vids) is { } named ? new MessageTarget(named, null) : null,
            (false, true, false) => Text(to, "role") is { Length: > 0 and <= MaxName } name ? new MessageTarget(null, name) : null,
            (false, false, true) when all.ValueKind == JsonValueKind.True => new MessageTarget(null, null),
            _ => null,
        };
    }

    private static List<string>? ReadVids(JsonElement vids)
    {
        if (vids.ValueKind != JsonValueKind.Array || vids.GetArrayLength() is 0 or > MaxVids)
        {
            return null;
        }

        List<string> named = [];
        foreach (JsonElement vid in vids.EnumerateArray())
        {
            if (vid.ValueKind != JsonValueKind.String || vid.GetString() is not { Length: > 0 and <= MaxName } text)
            {
                return null;
            }

            named.Add(text);
        }

        return named;
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Whom a message is for: one of the two is given, or neither for all vehicles of the pool.</summary>
/// <param name="Vids">Vids; in a pool that keeps devices apart also <c>vid/device</c>. One that no vehicle has is an absent vehicle.</param>
/// <param name="Role">Those that are connected in this role.</param>
public sealed record MessageTarget(IReadOnlyList<string>? Vids, string? Role);
