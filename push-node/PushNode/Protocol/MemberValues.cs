using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Protocol;

/// <summary>The values that members of a vehicle's frames may have (PROTOCOL.md §4). Each method is false for a faulty value.</summary>
internal static class MemberValues
{
    private const int MaxLabels = 16;
    private const int MaxLabelLength = 63;
    private const int MaxSeen = 16;
    private const int MaxDelivery = 200;
    private const int MaxMessageId = 128;
    private const int MaxCode = 32;
    private const int MaxDetail = 200;

    /// <summary>The text of a string or property name. False for half a surrogate pair in escapes, which JSON allows and text cannot hold.</summary>
    public static bool TryText(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return false;
        }

        try
        {
            text = reader.GetString();
        }
        catch (InvalidOperationException) when (reader.ValueIsEscaped)
        {
        }

        return text is not null;
    }

    public static bool TryString(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.IsEmpty)
        {
            return false;
        }

        Utf8JsonReader reader = new(value);
        reader.Read();
        return TryText(ref reader, out text);
    }

    public static bool TryOptional(ReadOnlySpan<byte> value, Func<string, bool> isValid, out string? text)
    {
        text = null;
        if (value.IsEmpty)
        {
            return true;
        }

        text = TryString(value, out string? given) && isValid(given) ? given : null;
        return text is not null;
    }

    public static bool IsCode(string code) => code.Length is > 0 and <= MaxCode && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    public static bool IsDetail(string detail) => detail.Length <= MaxDetail;

    public static bool TryDelivery(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? delivery) =>
        TryString(value, out delivery) && IsDelivery(delivery);

    public static bool TryMessageId(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? id) =>
        TryString(value, out id) && IsVisible(id, MaxMessageId);

    public static bool TryStatus(ReadOnlySpan<byte> value, out AckStatus status)
    {
        AckStatus? found = !TryString(value, out string? text) ? null : text switch
        {
            "received" => AckStatus.Received,
            "installed" => AckStatus.Installed,
            "rejected" => AckStatus.Rejected,
            "failed" => AckStatus.Failed,
            "cancelled" => AckStatus.Cancelled,
            _ => null,
        };
        status = found.GetValueOrDefault();
        return found is not null;
    }

    public static bool TrySeen(ReadOnlySpan<byte> value, out IReadOnlyList<string> seen)
    {
        List<string> deliveries = [];
        seen = [];
        Utf8JsonReader reader = new(value);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (deliveries.Count == MaxSeen || !TryText(ref reader, out string? delivery) || !IsDelivery(delivery))
            {
                return false;
            }

            deliveries.Add(delivery);
        }

        seen = deliveries;
        return true;
    }

    public static bool TryLabels(ReadOnlySpan<byte> value, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? labels)
    {
        labels = SharedLabels.Find(value);
        if (labels is null && TryReadLabels(value, out labels))
        {
            SharedLabels.Keep(value, labels);
        }

        return labels is not null;
    }

    /// <param name="goodTime">False: <c>at</c> is there and faulty; the position counts as measured now.</param>
    public static bool TryPosition(
        ReadOnlySpan<byte> value, DateTimeOffset now, [NotNullWhen(true)] out VehiclePosition? position, out bool goodTime)
    {
        position = null;
        goodTime = true;
        double? lat = null;
        double? lon = null;
        DateTimeOffset at = now;
        if (value.IsEmpty)
        {
            return false;
        }

        Utf8JsonReader reader = new(value);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = TryText(ref reader, out string? text) ? text : null;
            reader.Read();
            switch (name)
            {
                case "lat":
                    lat = Degrees(ref reader, 90);
                    break;
                case "lon":
                    lon = Degrees(ref reader, 180);
                    break;
                case "at":
                    goodTime = TryTime(ref reader, now, out at);
                    break;
                default:
                    break;
            }

            reader.Skip();
        }

        position = lat is { } north && lon is { } east ? new VehiclePosition(north, east, at.ToUnixTimeMilliseconds()) : null;
        return position is not null;
    }

    private static bool TryReadLabels(ReadOnlySpan<byte> value, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? labels)
    {
        labels = null;
        if (value.IsEmpty)
        {
            return false;
        }

        Utf8JsonReader reader = new(value);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        Dictionary<string, string> found = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryText(ref reader, out string? name) || !IsLabelName(name))
            {
                return false;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                found.Remove(name);
                continue;
            }

            if (!TryText(ref reader, out string? label) || !IsLabelValue(label))
            {
                return false;
            }

            found[name] = label;
        }

        labels = found.Count <= MaxLabels ? found : null;
        return labels is not null;
    }

    private static bool IsDelivery(string delivery) => IsVisible(delivery, MaxDelivery);

    private static bool IsVisible(string text, int most) => text.Length > 0 && text.Length <= most && text.All(c => c is > ' ' and <= '~');

    private static bool IsLabelName(string name) =>
        name.Length > 0 && IsLabel(name, slash: true) && !name.StartsWith(VehicleRole.ReservedPrefix, StringComparison.Ordinal);

    private static bool IsLabelValue(string value) => value.Length == 0 || IsLabel(value, slash: false);

    private static bool IsLabel(string text, bool slash) =>
        text.Length <= MaxLabelLength
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' || (slash && c == '/'));

    private static double? Degrees(ref Utf8JsonReader reader, double bound) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double degrees) && Math.Abs(degrees) <= bound ? degrees : null;

    /// <summary>RFC 3339 with an offset; never later than now.</summary>
    private static bool TryTime(ref Utf8JsonReader reader, DateTimeOffset now, out DateTimeOffset at)
    {
        at = now;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (!TryText(ref reader, out string? text) || !HasOffset(text) || !reader.TryGetDateTimeOffset(out DateTimeOffset measured))
        {
            return false;
        }

        at = measured < now ? measured : now;
        return true;
    }

    private static bool HasOffset(string time) =>
        time.EndsWith('Z') || (time.Length > 6 && time[^6] is '+' or '-' && time[^3] == ':');
}
