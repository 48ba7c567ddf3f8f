using System.Diagnostics;
using System.Text.Json;

namespace PushPlatform.VehicleClient;

/// <summary>A frame from the node, as far as a car reads it (PROTOCOL.md §4). Null from <see cref="Parse"/>: a frame to skip.</summary>
internal abstract record NodeFrame
{
    internal sealed record Welcome(string Session, int? Pending, int PingSeconds) : NodeFrame;

    internal sealed record Notice(Push Push) : NodeFrame;

    internal sealed record Cancel(string Delivery) : NodeFrame;

    internal sealed record Bye(string Reason, long? ReconnectAfterMs) : NodeFrame;

    internal sealed record Message(DirectMessage Direct) : NodeFrame;

    internal sealed record Outcome(string Id, MessageOutcome Became) : NodeFrame;

    internal sealed record Error(string Code, string Detail) : NodeFrame;

    /// <exception cref="FormatException">Not JSON, or a frame of a known type that lacks a member or has one out of bounds.</exception>
    internal static NodeFrame? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement frame = document.RootElement;
            if (frame.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("A frame is a JSON object.");
            }

            return Text(frame, "type", 64) switch
            {
                "welcome" => new Welcome(Text(frame, "session", 64), (int?)Number(frame, "pending", int.MaxValue), (int)(Number(frame, "pingSeconds", 3600) ?? throw Missing("pingSeconds"))),
                "push" => new Notice(ParsePush(frame)),
                "cancel" => new Cancel(DeliveryOf(frame)),
                "bye" => new Bye(Text(frame, "reason", 64), Number(frame, "reconnectAfterMs", 3_600_000)),
                "message" => new Message(new DirectMessage(
                    MessageId(frame), frame.TryGetProperty("payload", out JsonElement payload) && payload.ValueKind != JsonValueKind.Null ? payload.Clone() : throw Missing("payload"))),
                "outcome" => new Outcome(MessageId(frame), OutcomeOf(Text(frame, "outcome", 64))),
                "error" => new Error(Text(frame, "code", 64), Text(frame, "detail", ProtocolRules.MaxDetail)),
                _ => null,
            };
        }
        catch (JsonException e)
        {
            throw new FormatException("A frame is JSON.", e);
        }
    }

    private static Push ParsePush(JsonElement frame)
    {
        string delivery = DeliveryOf(frame);
        return frame.TryGetProperty("patch", out JsonElement patch) && patch.ValueKind == JsonValueKind.Object
            ? new Push(delivery, Text(frame, "campaign", 180), patch.Clone()) { TraceParent = TraceParent(frame), Retry = (int)(Number(frame, "retry", int.MaxValue) ?? 0) }
            : throw Missing("patch");
    }

    private static string DeliveryOf(JsonElement frame) =>
        Text(frame, "delivery", ProtocolRules.MaxDelivery) is { } delivery && ProtocolRules.IsDelivery(delivery) ? delivery : throw new FormatException("A delivery id is visible ASCII.");

    private static string MessageId(JsonElement frame) =>
        Text(frame, "id", ProtocolRules.MaxMessageId) is { } id && ProtocolRules.IsMessageId(id) ? id : throw Missing("id");

    // One that a later version names says no more than that the node has an opinion.
    private static MessageOutcome OutcomeOf(string outcome) => outcome switch
    {
        "accepted" => MessageOutcome.Accepted,
        "unheard" => MessageOutcome.Unheard,
        "unavailable" => MessageOutcome.Unavailable,
        "throttled" => MessageOutcome.Throttled,
        _ => MessageOutcome.Unknown,
    };

    // A courtesy for those who trace: one that is faulty is as if it were absent.
    private static string? TraceParent(JsonElement frame) =>
        frame.TryGetProperty("traceparent", out JsonElement value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { } text && ActivityContext.TryParse(text, traceState: null, out _) ? text : null;

    private static string Text(JsonElement frame, string name, int maxLength) =>
        frame.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= maxLength
            ? text
            : throw Missing(name);

    private static long? Number(JsonElement frame, string name, long max)
    {
        if (!frame.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 && number <= max ? number : throw Missing(name);
    }

    private static FormatException Missing(string member) => new($"'{member}' is missing or out of bounds.");
}
