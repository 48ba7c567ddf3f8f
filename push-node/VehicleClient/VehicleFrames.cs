using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PushPlatform.VehicleClient;

/// <summary>Writes the frames that a car sends (PROTOCOL.md §4).</summary>
internal static class VehicleFrames
{
    // Less escaping than for HTML: "+" and umlauts stay short, so that every legal frame fits into its limit.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>How many bytes a delivery id takes in a JSON array: quotes and comma included.</summary>
    internal static int SizeInArray(string delivery) => JsonEncodedText.Encode(delivery, Encoder).EncodedUtf8Bytes.Length + 3;

    /// <summary>A hello; <paramref name="seen"/> is asked for as many deliveries as fit into the number of bytes that it is given.</summary>
    internal static ReadOnlyMemory<byte> Hello(
        string vid, string? device, IReadOnlyDictionary<string, string>? labels, VehiclePosition? position, Func<int, List<string>> seen)
    {
        int withoutSeen = WriteHello(vid, device, labels, position, []).Length;
        return WriteHello(vid, device, labels, position, seen(ProtocolRules.MaxFromCar - withoutSeen - ",\"seen\":[]".Length));
    }

    internal static ReadOnlyMemory<byte> Ack(DeliveryRecord record) => Write("ack", json =>
    {
        json.WriteString("delivery", record.Delivery);
        json.WriteString("status", record.Status switch
        {
            DeliveryStatus.Received => "received",
            DeliveryStatus.Installed => "installed",
            DeliveryStatus.Rejected => "rejected",
            DeliveryStatus.Failed => "failed",
            DeliveryStatus.Cancelled => "cancelled",
            _ => throw new ArgumentOutOfRangeException(nameof(record), record.Status, null),
        });
        if (record.Code is not null)
        {
            json.WriteString("code", record.Code);
        }

        if (record.Detail is not null)
        {
            json.WriteString("detail", record.Detail);
        }
    });

    internal static ReadOnlyMemory<byte> Position(VehiclePosition position) => Write("position", json => WritePosition(json, position));

    internal static ReadOnlyMemory<byte> Labels(IReadOnlyDictionary<string, string> labels) => Write("labels", json => WriteLabels(json, labels));

    /// <exception cref="ArgumentException">The payload is null, or so long that the frame would break the limit.</exception>
    internal static ReadOnlyMemory<byte> Message(string id, JsonElement payload)
    {
        if (payload.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            throw new ArgumentException("A payload is a JSON value, and not null.", nameof(payload));
        }

        ReadOnlyMemory<byte> frame = Write("message", json =>
        {
            json.WriteString("id", id);
            json.WritePropertyName("payload");
            payload.WriteTo(json);
        });
        return frame.Length <= ProtocolRules.MaxFromCar
            ? frame
            : throw new ArgumentException($"The frame would have {frame.Length} bytes; it may have {ProtocolRules.MaxFromCar}.", nameof(payload));
    }

    private static ReadOnlyMemory<byte> WriteHello(
        string vid, string? device, IReadOnlyDictionary<string, string>? labels, VehiclePosition? position, List<string> seen) => Write("hello", json =>
    {
        json.WriteString("vid", vid);
        if (device is not null)
        {
            json.WriteString("device", device);
        }

        if (labels is not null)
        {
            WriteLabels(json, labels);
        }

        if (position is not null)
        {
            WritePosition(json, position);
        }

        if (seen.Count > 0)
        {
            json.WriteStartArray("seen");
            seen.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }
    });

    private static void WriteLabels(Utf8JsonWriter json, IReadOnlyDictionary<string, string> labels)
    {
        json.WriteStartObject("labels");
        foreach ((string name, string value) in labels)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WritePosition(Utf8JsonWriter json, VehiclePosition position)
    {
        json.WriteStartObject("position");
        json.WriteNumber("lat", position.Latitude);
        json.WriteNumber("lon", position.Longitude);
        if (position.At is { } at)
        {
            json.WriteString("at", at);
        }

        json.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Write(string type, Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(128);
        using Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = Encoder, SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("type", type);
        members(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
