using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

public sealed class VehicleMessageTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-06-01T00:00:00Z");

    public static TheoryData<string> Names => Vectors.Names("from-car");

    [Fact]
    public void Parse_LabelsThatReadTheSame_AreOneMap()
    {
        IReadOnlyDictionary<string, string>? one = Labels("""{"type":"labels","labels":{"model":"one-map","sw":"1"}}""");
        IReadOnlyDictionary<string, string>? same = Labels("""{"type":"hello","vid":"car-2","labels":{"model":"one-map","sw":"1"}}""");
        IReadOnlyDictionary<string, string>? other = Labels("""{"type":"labels","labels":{"model":"one-map","sw":"2"}}""");

        same.ShouldBeSameAs(one);
        other.ShouldBe(new Dictionary<string, string> { ["model"] = "one-map", ["sw"] = "2" });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_Vector_CountsAsTheProtocolSays(string name)
    {
        JsonObject vector = Vectors.Case("from-car", name);
        JsonObject expected = vector["expect"]!.AsObject();
        byte[] text = Encoding.UTF8.GetBytes((string)vector["text"]!);
        if (text.Length > FrameReader.MaxMessage)
        {
            ((int)expected["close"]!).ShouldBe(1009);
            return;
        }

        VehicleMessage message = VehicleMessage.Parse(text, Now);

        if (expected["close"] is not null)
        {
            Refused(message, (string)vector["state"]!).ShouldBeTrue();
            return;
        }

        switch ((string?)expected["error"])
        {
            case "unknown-type":
                message.Kind.ShouldBe(MessageKind.UnknownType);
                break;
            case "invalid-member":
                message.FaultyMembers.ShouldBe((string?)expected["member"]);
                break;
            default:
                message.FaultyMembers.ShouldBeNull();
                break;
        }

        (expected["frame"] is { } frame ? Normal(frame.AsObject()) : null).ShouldBe(Describe(message));
    }

    [Theory]
    [InlineData("""{"type":"\ud800"}""", nameof(MessageKind.Malformed))]
    [InlineData("""{"\ud800":1,"type":"ping"}""", nameof(MessageKind.Ping))]
    [InlineData("""{"type":"ack","delivery":"\udc00","status":"received"}""", nameof(MessageKind.Skipped))]
    [InlineData("""{"type":"ping"} x""", nameof(MessageKind.Malformed))]
    [InlineData("""{"type":"position","position":{"lat":1e999,"lon":0}}""", nameof(MessageKind.Skipped))]
    [InlineData("""{"type":"labels","labels":{"a":null}}""", nameof(MessageKind.Labels))]
    [InlineData("null", nameof(MessageKind.Malformed))]
    public void Parse_OddText_IsJudgedNotThrown(string text, string kind) =>
        VehicleMessage.Parse(Encoding.UTF8.GetBytes(text), Now).Kind.ToString().ShouldBe(kind);

    [Fact]
    public void Parse_PositionFromTheFuture_CountsAsNow()
    {
        VehicleMessage message = VehicleMessage.Parse(
            """{"type":"position","position":{"lat":1,"lon":2,"at":"2030-01-01T00:00:00Z"}}"""u8, Now);

        message.Position!.At.ShouldBe(Now.ToUnixTimeMilliseconds());
        message.FaultyMembers.ShouldBeNull();
    }

    private static bool Refused(VehicleMessage message, string state) =>
        message.Kind == MessageKind.Malformed
        || (state == "new" && (message.Kind != MessageKind.Hello || message.Hello!.Vid != "car-1" || message.Hello.Device != UnitId.DefaultDevice))
        || (state == "ready" && message.Kind == MessageKind.Hello);

    /// <summary>A frame of the vectors in the form of <see cref="Describe"/>: what stands for "not said" left out, the device filled in, times as ms.</summary>
    private static string Normal(JsonObject frame)
    {
        JsonObject copy = frame.DeepClone().AsObject();
        if ((string?)copy["type"] == "hello" && !copy.ContainsKey("device"))
        {
            copy.Insert(2, "device", UnitId.DefaultDevice);
        }

        if (copy["seen"] is JsonArray { Count: 0 })
        {
            copy.Remove("seen");
        }

        if (copy["position"] is JsonObject position)
        {
            DateTimeOffset at = position["at"] is { } text ? DateTimeOffset.Parse((string)text!) : Now;
            copy["position"] = Position((double)position["lat"]!, (double)position["lon"]!, at.ToUnixTimeMilliseconds());
        }

        return copy.ToJsonString();
    }

    private static string? Describe(VehicleMessage message)
    {
        JsonObject frame = new() { ["type"] = message.Type };
        IReadOnlyDictionary<string, string>? labels = message.Labels ?? message.Hello?.Labels;
        PushPlatform.Delivery.Registry.VehiclePosition? position = message.Position ?? message.Hello?.Position;
        switch (message.Kind)
        {
            case MessageKind.Hello:
                frame["vid"] = message.Hello!.Vid;
                frame["device"] = message.Hello.Device;
                break;
            case MessageKind.Ack:
                frame["delivery"] = message.Ack.Delivery;
                frame["status"] = message.Ack.Status.ToString().ToLowerInvariant();
                Add(frame, "code", message.Ack.Code);
                Add(frame, "detail", message.Ack.Detail);
                break;
            case MessageKind.Message:
                frame["id"] = message.Message!.Id;
                frame["payload"] = JsonNode.Parse(message.Message.Payload);
                break;
            case MessageKind.Skipped or MessageKind.UnknownType:
                return null;
            default:
                break;
        }

        if (labels is not null)
        {
            frame["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        }

        if (position is not null)
        {
            frame["position"] = Position(position.Lat, position.Lon, position.At);
        }

        if (message.Hello?.Seen is { Count: > 0 } seen)
        {
            frame["seen"] = new JsonArray([.. seen.Select(id => (JsonNode?)id)]);
        }

        return frame.ToJsonString();
    }

    private static JsonObject Position(double lat, double lon, long at) => new() { ["lat"] = lat, ["lon"] = lon, ["at"] = at };

    private static void Add(JsonObject frame, string name, string? value)
    {
        if (value is not null)
        {
            frame[name] = value;
        }
    }

    private static IReadOnlyDictionary<string, string>? Labels(string text)
    {
        VehicleMessage message = VehicleMessage.Parse(Encoding.UTF8.GetBytes(text), Now);
        return message.Labels ?? message.Hello?.Labels;
    }
}
