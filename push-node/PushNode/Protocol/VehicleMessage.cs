using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Protocol;

internal enum MessageKind
{
    /// <summary>Not a JSON object, or no type: the connection ends.</summary>
    Malformed,

    /// <summary>Of a type that this node does not know: answered and skipped.</summary>
    UnknownType,

    /// <summary>A required member is missing or faulty: answered and skipped.</summary>
    Skipped,
    Hello,
    Ack,
    Position,
    Labels,
    Ping,
    Message,
}

/// <summary>A text message from a vehicle as it counts (PROTOCOL.md §4).</summary>
/// <param name="Type">As written; null when malformed.</param>
/// <param name="FaultyMembers">Null, or the names of the members that did not count.</param>
/// <param name="Hello">With <see cref="MessageKind.Hello"/>. Its vid and device are not judged yet; empty when faulty, the vid also when missing.</param>
/// <param name="Position">With <see cref="MessageKind.Position"/>.</param>
/// <param name="Labels">With <see cref="MessageKind.Labels"/>.</param>
/// <param name="Message">With <see cref="MessageKind.Message"/>.</param>
internal readonly record struct VehicleMessage(
    MessageKind Kind,
    string? Type = null,
    string? FaultyMembers = null,
    HelloFrame? Hello = null,
    AckFrame Ack = default,
    VehiclePosition? Position = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    MessageFrame? Message = null)
{
    private static readonly VehicleMessage Malformed = new(MessageKind.Malformed);

    /// <param name="utf8">The message, valid UTF-8.</param>
    /// <param name="now">A position measured later than now was measured now.</param>
    public static VehicleMessage Parse(ReadOnlySpan<byte> utf8, DateTimeOffset now)
    {
        RawMembers raw;
        try
        {
            raw = RawMembers.Read(utf8, out bool isObject);
            if (!isObject || raw.Type.IsEmpty || !MemberValues.TryString(raw.Type, out _))
            {
                return Malformed;
            }
        }
        catch (JsonException)
        {
            return Malformed;
        }

        MemberValues.TryString(raw.Type, out string? type);
        return type switch
        {
            "hello" => ParseHello(raw, now),
            "ack" => ParseAck(raw),
            "position" => ParsePosition(raw, now),
            "labels" => MemberValues.TryLabels(raw.Labels, out IReadOnlyDictionary<string, string>? labels)
                ? new VehicleMessage(MessageKind.Labels, type, Labels: labels)
                : Skip(type, "labels"),
            "ping" => new VehicleMessage(MessageKind.Ping, type),
            "message" => ParseMessage(raw),
            _ => new VehicleMessage(MessageKind.UnknownType, type),
        };
    }

    private static VehicleMessage Skip(string type, string member) => new(MessageKind.Skipped, type, member);

    private static VehicleMessage ParseHello(RawMembers raw, DateTimeOffset now)
    {
        string? faulty = null;
        IReadOnlyDictionary<string, string>? labels = null;
        VehiclePosition? position = null;
        IReadOnlyList<string> seen = [];
        if (!raw.Labels.IsEmpty && !MemberValues.TryLabels(raw.Labels, out labels))
        {
            faulty = Join(faulty, "labels");
        }

        if (!raw.Position.IsEmpty && (!MemberValues.TryPosition(raw.Position, now, out position, out bool goodTime) || !goodTime))
        {
            position = null;
            faulty = Join(faulty, "position");
        }

        if (!raw.Seen.IsEmpty && !MemberValues.TrySeen(raw.Seen, out seen))
        {
            faulty = Join(faulty, "seen");
        }

        string vid = MemberValues.TryString(raw.Vid, out string? text) ? text : "";
        string device = raw.Device.IsEmpty ? UnitId.DefaultDevice : MemberValues.TryString(raw.Device, out text) ? text : "";
        return new VehicleMessage(MessageKind.Hello, "hello", faulty, new HelloFrame(vid, device, labels, position, seen));
    }

    private static VehicleMessage ParseAck(RawMembers raw)
    {
        if (!MemberValues.TryDelivery(raw.Delivery, out string? delivery))
        {
            return Skip("ack", "delivery");
        }

        if (!MemberValues.TryStatus(raw.Status, out Delivery.Ledger.AckStatus status))
        {
            return Skip("ack", "status");
        }

        string? faulty = null;
        if (!MemberValues.TryOptional(raw.Code, MemberValues.IsCode, out string? code))
        {
            faulty = Join(faulty, "code");
        }

        if (!MemberValues.TryOptional(raw.Detail, MemberValues.IsDetail, out string? detail))
        {
            faulty = Join(faulty, "detail");
        }

        return new VehicleMessage(MessageKind.Ack, "ack", faulty, Ack: new AckFrame(delivery, status, code, detail));
    }

    private static VehicleMessage ParseMessage(RawMembers raw) =>
        !MemberValues.TryMessageId(raw.Id, out string? id) ? Skip("message", "id")
        : raw.Payload.IsEmpty ? Skip("message", "payload")
        : new VehicleMessage(MessageKind.Message, "message", Message: new MessageFrame(id, raw.Payload.ToArray()));

    private static VehicleMessage ParsePosition(RawMembers raw, DateTimeOffset now) =>
        MemberValues.TryPosition(raw.Position, now, out VehiclePosition? position, out bool goodTime)
            ? new VehicleMessage(MessageKind.Position, "position", goodTime ? null : "at", Position: position)
            : Skip("position", "position");

    private static string Join(string? faulty, string member) => faulty is null ? member : $"{faulty}, {member}";
}
