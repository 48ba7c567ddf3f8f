using System.Text;
using System.Text.Json;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

public sealed class FrameVectorTests
{
    public static TheoryData<string> ToCar => Vectors.Names("to-car");

    [Theory]
    [MemberData(nameof(ToCar))]
    public void Parse_FrameOfTheVectors_IsReadAsTheySay(string name)
    {
        JsonElement vector = Vectors.Case("to-car", name);
        JsonElement expected = vector.GetProperty("expect");

        NodeFrame? frame = NodeFrame.Parse(Encoding.UTF8.GetBytes(vector.GetProperty("text").GetString()!));

        Describe(frame).ShouldBe(JsonSerializer.Serialize(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"welcome","pingSeconds":5}""")]
    [InlineData("""{"type":"welcome","session":"s"}""")]
    [InlineData("""{"type":"welcome","session":"s","pingSeconds":5,"pending":-1}""")]
    [InlineData("""{"type":"welcome","session":"s","pingSeconds":3601}""")]
    [InlineData("""{"type":"push","delivery":"c 1","campaign":"c","patch":{}}""")]
    [InlineData("""{"type":"push","delivery":"c#1","campaign":"c","patch":[]}""")]
    [InlineData("""{"type":"push","delivery":"c#1","patch":{}}""")]
    [InlineData("""{"type":"cancel"}""")]
    [InlineData("""{"type":"cancel","delivery":"c 1"}""")]
    [InlineData("""{"type":"push","delivery":"c#1","campaign":"c","retry":"1","patch":{}}""")]
    [InlineData("""{"type":"bye"}""")]
    [InlineData("""{"type":"message","payload":1}""")]
    [InlineData("""{"type":"message","id":"m"}""")]
    [InlineData("""{"type":"message","id":"m","payload":null}""")]
    [InlineData("""{"type":"message","id":"m 1","payload":1}""")]
    [InlineData("""{"type":"outcome","id":"m"}""")]
    [InlineData("""{"type":"bye","reason":"idle","reconnectAfterMs":3600001}""")]
    public void Parse_FrameThatNoNodeMaySend_Throws(string text) =>
        Should.Throw<FormatException>(() => NodeFrame.Parse(Encoding.UTF8.GetBytes(text)));

    private static string Describe(NodeFrame? frame) => JsonSerializer.Serialize<object>(frame switch
    {
        null => new { skip = true },
        NodeFrame.Welcome welcome => new { welcome = new { session = welcome.Session, pending = welcome.Pending, pingSeconds = welcome.PingSeconds } },
        NodeFrame.Notice { Push: { TraceParent: { } trace } push } =>
            new { push = new { delivery = push.Delivery, campaign = push.Campaign, patch = push.Patch, traceparent = trace } },
        NodeFrame.Notice { Push: { Retry: > 0 } push } => new { push = new { delivery = push.Delivery, campaign = push.Campaign, patch = push.Patch, retry = push.Retry } },
        NodeFrame.Notice { Push: { } push } => new { push = new { delivery = push.Delivery, campaign = push.Campaign, patch = push.Patch } },
        NodeFrame.Message { Direct: var direct } => new { message = new { id = direct.Id, payload = direct.Payload } },
        NodeFrame.Outcome outcome => new { outcome = new { id = outcome.Id, outcome = outcome.Became.ToString().ToLowerInvariant() } },
        NodeFrame.Cancel cancel => new { cancel = new { delivery = cancel.Delivery } },
        NodeFrame.Bye bye => new { bye = new { reason = bye.Reason, reconnectAfterMs = bye.ReconnectAfterMs } },
        NodeFrame.Error error => new { error = new { code = error.Code, detail = error.Detail } },
        _ => throw new InvalidOperationException(frame.ToString()),
    });
}
