using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

public sealed class ConnectionStoryTests
{
    [Fact]
    public async Task ACarArrives_ActsAndLeaves()
    {
        await using TestNode node = await TestNode.StartAsync();
        using ClientWebSocket car = new();
        car.Options.AddSubProtocol("push.v1");

        await car.ConnectAsync(new Uri($"ws://{node.Vehicles}/ws?vid=car-1"), CancellationToken.None);
        await SendAsync(car, """{"type":"hello","vid":"car-1","position":{"lat":1,"lon":2}}""");
        JsonObject welcome = await ReceiveAsync(car);
        await SendAsync(car, """{"type":"ack","delivery":"c#1","status":"received"}""");
        await SendAsync(car, """{"type":"position","position":{"lat":3,"lon":4}}""");
        await SendAsync(car, """{"type":"labels","labels":{"model":"x7"}}""");
        await SendAsync(car, """{"type":"ping"}""");
        JsonObject pong = await ReceiveAsync(car);
        await car.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        car.SubProtocol.ShouldBe("push.v1");
        ((string?)welcome["type"]).ShouldBe("welcome");
        ((string?)pong["type"]).ShouldBe("pong");
        car.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        await Eventually.BeTrueAsync(() => node.Events.Story.Count == 4, "the car has left");
        node.Events.Story.ShouldBe(["arrived car-1", "moved car-1 3", "relabelled car-1 1", "left car-1"]);
        node.Events.Acks.Single().Delivery.ShouldBe("c#1");
        node.Index.Count.ShouldBe(0);
    }

    [Fact]
    public async Task ALinkThatIsHalfOpen_IsNoticed()
    {
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(300),
            HeartbeatTimeout = TimeSpan.FromMilliseconds(300),
        });
        using RawCar car = await RawCar.ArriveAsync(node.Vehicles, "car-1");

        // The car answers no ping: nobody is there.
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left car-1"), "the node noticed");

        (IReadOnlyList<CarFrame> before, int? code) = await car.ReadToCloseAsync();
        ((string?)before[^1].Json!["reason"]).ShouldBe("idle");
        code.ShouldBe(4410);
        (await car.IsCutAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task ACarThatAnswersPings_Stays()
    {
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            HeartbeatTimeout = TimeSpan.FromSeconds(20),
        });
        using RawCar car = await RawCar.ArriveAsync(node.Vehicles, "car-1");

        for (int i = 0; i < 5; i++)
        {
            (await car.ReadFrameAsync(skipPings: false))!.First.ShouldBe((byte)0x89);
            await car.SendFrameAsync(0x8A, []);
        }

        node.Index.Find("car-1")!.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task ASlowCar_IsCut_AndDelaysNoOther()
    {
        await using TestNode node = await TestNode.StartAsync();
        using RawCar slow = await RawCar.ArriveAsync(node.Vehicles, "slow", receiveBuffer: 4096);
        using RawCar quick = await RawCar.ArriveAsync(node.Vehicles, "quick");
        IVehicleLink slowLink = node.Index.Find("slow")!;
        IVehicleLink quickLink = node.Index.Find("quick")!;
        WireFrame large = WireFrame.Text($$"""{"type":"push","pad":"{{new string('p', 30_000)}}"}""");

        // The slow car reads nothing: at first the system's own buffers fill.
        bool wasFull = false;
        int taken = 0;
        for (; taken < 10_000 && slowLink.TrySend(large); taken++)
        {
            wasFull |= !slowLink.HasRoom;
            quickLink.TrySend(NodeFrames.Pong).ShouldBeTrue();
            (await quick.ReadFrameAsync())!.Json!["type"]!.GetValue<string>().ShouldBe("pong");
        }

        wasFull.ShouldBeTrue();
        (taken * large.Length).ShouldBeLessThan(512 * 1024, "what one car does not take is on the container's account");
        slowLink.IsOpen.ShouldBeFalse();
        quickLink.IsOpen.ShouldBeTrue();
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left slow"), "the slow car was cut");
        node.Events.Story.ShouldNotContain("left quick");
    }

    [Fact]
    public async Task TheSameCarTwice_TheNewestWins()
    {
        await using TestNode node = await TestNode.StartAsync();
        using RawCar older = await RawCar.ArriveAsync(node.Vehicles, "car-1");
        using RawCar newer = await RawCar.ArriveAsync(node.Vehicles, "car-1");

        (IReadOnlyList<CarFrame> before, int? code) = await older.ReadToCloseAsync();

        ((string?)before[^1].Json!["reason"]).ShouldBe("replaced");
        code.ShouldBe(4409);
        await older.SendCloseAsync(4409);
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left car-1"), "the older link has ended");
        node.Index.Find("car-1")!.IsOpen.ShouldBeTrue();
        await newer.SendTextAsync("""{"type":"ping"}""");
        ((string?)(await newer.ReadFrameAsync())!.Json!["type"]).ShouldBe("pong");
    }

    [Fact]
    public async Task AcksAreNotTaken_TheCarWaits_AndNoneIsLost()
    {
        await using TestNode node = await TestNode.StartAsync();
        using RawCar car = await RawCar.ArriveAsync(node.Vehicles, "car-1");
        node.Events.HoldAcks();

        for (int i = 0; i < 100; i++)
        {
            await car.SendTextAsync($$"""{"type":"ack","delivery":"c#{{i}}","status":"received"}""");
        }

        await car.SendTextAsync("""{"type":"ping"}""");
        await Eventually.BeTrueAsync(() => node.Events.HasHeldOneOff, "the node met an ack that was not taken");
        node.Events.TakeAcksAgain();

        ((string?)(await car.ReadFrameAsync())!.Json!["type"]).ShouldBe("pong");
        node.Events.Acks.Select(ack => ack.Delivery).ShouldBe(Enumerable.Range(0, 100).Select(i => $"c#{i}"));
    }

    [Fact]
    public async Task AcksAreNotTaken_TheCarLeaves_IsNoticedByItsPings()
    {
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { HeartbeatInterval = TimeSpan.FromMilliseconds(200) });
        using (RawCar car = await RawCar.ArriveAsync(node.Vehicles, "car-1"))
        {
            node.Events.HoldAcks();
            await car.SendTextAsync("""{"type":"ack","delivery":"c#1","status":"received"}""");
            await Eventually.BeTrueAsync(() => node.Events.HasHeldOneOff, "the node met an ack that was not taken");
        }

        await Eventually.BeTrueAsync(() => node.Connections == 0, "nobody reads, and yet it is noticed");

        node.Events.Story.ShouldContain("left car-1");
    }

    private static Task SendAsync(ClientWebSocket car, string text) =>
        car.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonObject> ReceiveAsync(ClientWebSocket car)
    {
        byte[] buffer = new byte[65536];
        WebSocketReceiveResult result = await car.ReceiveAsync(buffer, CancellationToken.None);
        return JsonNode.Parse(buffer.AsSpan(0, result.Count))!.AsObject();
    }
}
