using System.Buffers;
using System.Text.Json;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Protocol;

/// <summary>The small frames that a node sends to one vehicle (PROTOCOL.md §4). <c>push</c> is made by the orders' side, once for all.</summary>
internal static class NodeFrames
{
    /// <summary>Characters of <c>error.detail</c>.</summary>
    public const int MaxDetail = 200;

    public static readonly WireFrame Pong = WireFrame.Text("""{"type":"pong"}"""u8);

    /// <param name="session">For logs; 1 to 64 characters.</param>
    /// <param name="pending">Pushes that will now come on this connection; null: not known yet, another welcome follows.</param>
    /// <param name="pingSeconds">Time between the node's pings.</param>
    public static WireFrame Welcome(string session, int? pending, int pingSeconds) => Write("welcome", writer =>
    {
        writer.WriteString("session"u8, session);
        if (pending is { } number)
        {
            writer.WriteNumber("pending"u8, number);
        }

        writer.WriteNumber("pingSeconds"u8, pingSeconds);
    });

    public static WireFrame Bye(CloseReason reason, TimeSpan? reconnectAfter) => Write("bye", writer =>
    {
        writer.WriteString("reason"u8, reason.Name);
        if (reconnectAfter is { } after)
        {
            writer.WriteNumber("reconnectAfterMs"u8, (long)after.TotalMilliseconds);
        }
    });

    /// <summary>The delivery is taken back. The same for every vehicle.</summary>
    public static WireFrame Cancel(string delivery) => Write("cancel", writer => writer.WriteString("delivery"u8, delivery));

    /// <param name="payload">A JSON value in UTF-8, judged before.</param>
    public static WireFrame Message(string id, ReadOnlyMemory<byte> payload) => Write("message", writer =>
    {
        writer.WriteString("id"u8, id);
        writer.WritePropertyName("payload"u8);
        writer.WriteRawValue(payload.Span, skipInputValidation: true);
    });

    /// <param name="outcome">What became of the vehicle's message.</param>
    public static WireFrame Outcome(string id, string outcome) => Write("outcome", writer =>
    {
        writer.WriteString("id"u8, id);
        writer.WriteString("outcome"u8, outcome);
    });

    public static WireFrame UnknownType(string type) => Error("unknown-type", type);

    /// <param name="members">The names of the faulty members.</param>
    public static WireFrame InvalidMember(string members) => Error("invalid-member", members);

    private static WireFrame Error(string code, string detail) => Write("error", writer =>
    {
        writer.WriteString("code"u8, code);
        writer.WriteString("detail"u8, detail.AsSpan(0, Math.Min(detail.Length, MaxDetail)));
    });

    private static WireFrame Write(string type, Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(128);
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        members(writer);
        writer.WriteEndObject();
        writer.Flush();
        return WireFrame.Text(buffer.WrittenSpan);
    }
}
