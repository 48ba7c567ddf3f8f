using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PushPlatform.Delivery.Orders;

/// <summary>The push frame's text: the same for every vehicle, so it is built once per campaign revision and framed once per node.</summary>
public static class Notice
{
    /// <summary>Longest notice, as UTF-8: no frame to a vehicle is longer.</summary>
    public const int MaxBytes = 64 * 1024;

    // The text goes into a WebSocket frame, never into HTML: letters of all alphabets stay as they are.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds <c>{"type":"push","delivery":…,"campaign":…,"traceparent":…,"retry":…,"patch":…}</c>. The same input gives the same text.</summary>
    /// <param name="patch">Goes to the vehicle as it stands, without insignificant white space.</param>
    /// <param name="traceParent">The revision's trace, for vehicles that export theirs; null: left out.</param>
    /// <param name="retry">The round of retries, for vehicles that have failed before; 0: left out.</param>
    /// <exception cref="NoticeTooLargeException">It would exceed <see cref="MaxBytes"/>.</exception>
    public static string Build(CampaignKey campaign, JsonElement patch, string? traceParent = null, int retry = 0)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "push");
            writer.WriteString("delivery", campaign.DeliveryId);
            writer.WriteString("campaign", campaign.CampaignId);
            if (traceParent is not null)
            {
                writer.WriteString("traceparent", traceParent);
            }

            if (retry > 0)
            {
                writer.WriteNumber("retry", retry);
            }

            writer.WritePropertyName("patch");
            patch.WriteTo(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenCount <= MaxBytes
            ? Encoding.UTF8.GetString(buffer.WrittenSpan)
            : throw new NoticeTooLargeException(buffer.WrittenCount);
    }
}

/// <summary>A patch is too large to be told to a vehicle in one frame.</summary>
/// <param name="bytes">Size of the notice that it would make.</param>
public sealed class NoticeTooLargeException(int bytes)
    : Exception($"The notice would be {bytes} bytes; at most {Notice.MaxBytes} fit into a frame.")
{
    public int Bytes { get; } = bytes;
}
