using System.Text;
using PushPlatform.Delivery.Messages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

/// <summary>What services may publish, and the word for what they may not.</summary>
public sealed class DirectMessageTests
{
    [Theory]
    [InlineData("""{"id":"m","to":{"vids":["car-1","car-2/left"]},"payload":{"a": [1.0,"ä"]},"ttlSeconds":1}""", "car-1 car-2/left", null, """{"a": [1.0,"ä"]}""", 1)]
    [InlineData("""{"id":"m","to":{"role":"head-unit","vids":null},"payload":false,"ttlSeconds":86400}""", null, "head-unit", "false", 86400)]
    [InlineData("""{"later":{},"payload":"x","to":{"all":true,"later":1},"id":"m"}""", null, null, "\"x\"", 60)]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1,"ttlSeconds":null}""", null, null, "1", 60)]
    public void TryParse_Good_IsReadAndThePayloadLeftAsItIs(string body, string? vids, string? role, string payload, int ttl)
    {
        DirectMessage.TryParse(Encoding.UTF8.GetBytes(body), out DirectMessage? message, out string? fault).ShouldBeTrue(fault);

        message!.Id.ShouldBe("m");
        (message.To.Vids is null ? null : string.Join(' ', message.To.Vids)).ShouldBe(vids);
        message.To.Role.ShouldBe(role);
        Encoding.UTF8.GetString(message.Payload.Span).ShouldBe(payload);
        message.TtlSeconds.ShouldBe(ttl);
    }

    [Theory]
    [InlineData("", "json")]
    [InlineData("[]", "json")]
    [InlineData("null", "json")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1} x""", "json")]
    [InlineData("""{"id":"\ud800","to":{"all":true},"payload":1}""", "json")]
    [InlineData("""{"to":{"all":true},"payload":1}""", "id")]
    [InlineData("""{"id":"","to":{"all":true},"payload":1}""", "id")]
    [InlineData("""{"id":"m 1","to":{"all":true},"payload":1}""", "id")]
    [InlineData("""{"id":7,"to":{"all":true},"payload":1}""", "id")]
    [InlineData("""{"id":"m","payload":1}""", "to")]
    [InlineData("""{"id":"m","to":"all","payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"all":false},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"all":true,"role":"r"},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"vids":[]},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"vids":"car-1"},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"vids":["car-1",2]},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"vids":[""]},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"role":""},"payload":1}""", "to")]
    [InlineData("""{"id":"m","to":{"all":true}}""", "payload")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":null}""", "payload")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1,"ttlSeconds":0}""", "ttl")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1,"ttlSeconds":86401}""", "ttl")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1,"ttlSeconds":1.5}""", "ttl")]
    [InlineData("""{"id":"m","to":{"all":true},"payload":1,"ttlSeconds":"60"}""", "ttl")]
    public void TryParse_Faulty_IsNamed(string body, string expected) => FaultOf(Encoding.UTF8.GetBytes(body)).ShouldBe(expected);

    [Fact]
    public void TryParse_TextThatIsNone_IsRefused_ForCarsWouldCutTheLink() =>
        FaultOf([.. """{"id":"m","to":{"all":true},"payload":"""u8, (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}']).ShouldBe("json");

    [Theory]
    [InlineData(128, null)]
    [InlineData(129, "id")]
    public void TryParse_TheId_IsBounded(int length, string? expected) => FaultOf(Body(id: new string('i', length))).ShouldBe(expected);

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, "to")]
    public void TryParse_TheVids_AreBounded(int number, string? expected) =>
        FaultOf(Body(to: $$"""{"vids":[{{string.Join(',', Enumerable.Range(0, number).Select(i => $"\"car-{i}\""))}}]}""")).ShouldBe(expected);

    [Theory]
    [InlineData(DirectMessage.MaxPayload, null)]
    [InlineData(DirectMessage.MaxPayload + 1, "payload")]
    [InlineData(DirectMessage.MaxBody, "too-large")]
    public void TryParse_ThePayload_IsBounded(int bytes, string? expected) => FaultOf(Body(payload: $"\"{new string('p', bytes - 2)}\"")).ShouldBe(expected);

    private static byte[] Body(string id = "m", string to = """{"all":true}""", string payload = "1") =>
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","to":{{to}},"payload":{{payload}}}""");

    private static string? FaultOf(byte[] body)
    {
        DirectMessage.TryParse(body, out DirectMessage? message, out string? fault).ShouldBe(message is not null);
        return fault;
    }
}
