using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Messages;

/// <summary>What services say to cars: over a real broker, to real sockets, and the outcome back.</summary>
public sealed class MessagesToCarsTests(RabbitFixture rabbit) : IClassFixture<RabbitFixture>, IAsyncLifetime
{
    private readonly MessageStage _stage = new(rabbit.Server.Uri);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ToOneVid_ReachesItsNode_AndTheAbsentOneIsDropped()
    {
        TestNode a = await _stage.AddNodeAsync("a");
        TestNode b = await _stage.AddNodeAsync("b");
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar other = await MessageStage.ArriveAsync(a, "car-0");
        using RawCar car = await MessageStage.ArriveAsync(b, "car-1");

        await service.SayAsync("""{"id":"m-1","to":{"vids":["car-1","car-absent","car-1"]},"payload":{"unlock":true,"by":"Käthe"}}""", wantsReply: true);
        Heard reply = await service.ReplyAsync();
        await service.SayAsync("""{"id":"m-2","to":{"all":true},"payload":2}""");

        (await TextAsync(car)).ShouldBe("""{"type":"message","id":"m-1","payload":{"unlock":true,"by":"Käthe"}}""");
        (await TextAsync(car)).ShouldBe("""{"type":"message","id":"m-2","payload":2}""");
        (await TextAsync(other)).ShouldBe("""{"type":"message","id":"m-2","payload":2}""");
        reply.CorrelationId.ShouldBe("c-1");
        reply.Body.ToJsonString().ShouldBe("""{"id":"m-1","node":"b.boot","part":1,"parts":1,"outcomes":{"car-1":"sent"}}""");
    }

    [Fact]
    public async Task ToARole_ReachesThoseInIt_OnEveryNode_AndEachNodeAnswers()
    {
        TestNode a = await _stage.AddNodeAsync("a");
        TestNode b = await _stage.AddNodeAsync("b");
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar first = await MessageStage.ArriveAsync(a, "car-1", "driver-app");
        using RawCar second = await MessageStage.ArriveAsync(b, "car-2", "driver-app");
        using RawCar headUnit = await MessageStage.ArriveAsync(b, "car-3", "head-unit");
        using RawCar none = await MessageStage.ArriveAsync(a, "car-4");

        await service.SayAsync("""{"id":"m-1","to":{"role":"driver-app"},"payload":1}""", wantsReply: true);
        await service.SayAsync("""{"id":"m-2","to":{"all":true},"payload":2}""");

        string[] outcomes = [.. new[] { await service.ReplyAsync(), await service.ReplyAsync() }.Select(reply => reply.Body["outcomes"]!.ToJsonString()).Order()];
        outcomes.ShouldBe(["""{"car-1":"sent"}""", """{"car-2":"sent"}"""]);
        foreach (RawCar car in new[] { first, second })
        {
            (await IdAsync(car)).ShouldBe("m-1");
            (await IdAsync(car)).ShouldBe("m-2");
        }

        (await IdAsync(headUnit)).ShouldBe("m-2");
        (await IdAsync(none)).ShouldBe("m-2");
    }

    [Fact]
    public async Task InAPoolThatKeepsDevicesApart_AVidMeansAllItsDevices_AndADeviceItself()
    {
        TestNode node = await _stage.AddNodeAsync("a", SessionMode.PerDevice);
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar left = await MessageStage.ArriveAsync(node, "car-1", device: "left");
        using RawCar right = await MessageStage.ArriveAsync(node, "car-1", device: "right");

        await service.SayAsync("""{"id":"m-1","to":{"vids":["car-1/left"]},"payload":1}""");
        await service.SayAsync("""{"id":"m-2","to":{"vids":["car-1"]},"payload":2}""", wantsReply: true);

        (await IdAsync(left)).ShouldBe("m-1");
        (await IdAsync(left)).ShouldBe("m-2");
        (await IdAsync(right)).ShouldBe("m-2");
        JsonObject outcomes = (await service.ReplyAsync()).Body["outcomes"]!.AsObject();
        outcomes.Select(one => one.Key).Order().ShouldBe(["car-1/left", "car-1/right"]);
    }

    [Fact]
    public async Task AnOldMessage_IsNotSent_AndSaysSo()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar car = await MessageStage.ArriveAsync(node, "car-1");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        await service.SayAsync("""{"id":"old","to":{"vids":["car-1"]},"payload":1,"ttlSeconds":600}""", wantsReply: true, at: now.AddSeconds(-700));
        await service.SayAsync("""{"id":"young","to":{"vids":["car-1"]},"payload":1,"ttlSeconds":800}""", at: now.AddSeconds(-700));
        await service.SayAsync("""{"id":"from-the-future","to":{"vids":["car-1"]},"payload":1,"ttlSeconds":600}""", at: now.AddYears(50));

        (await service.ReplyAsync()).Body["outcomes"]!.ToJsonString().ShouldBe("""{"car-1":"expired"}""");
        (await IdAsync(car)).ShouldBe("young");
        (await IdAsync(car)).ShouldBe("from-the-future");
    }

    [Fact]
    public async Task WhatCannotBeRead_IsCountedAndDropped_AndWhoeverAsksHearsWhy()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar car = await MessageStage.ArriveAsync(node, "car-1");

        await service.SayAsync("nonsense");
        await service.SayAsync("""{"id":"m-1","to":{"all":true},"payload":""" + new string(' ', 300_000) + "1}");
        await service.SayAsync("""{"id":"m-1","to":{"all":true,"role":"driver-app"},"payload":1}""", wantsReply: true);
        await service.SayAsync("""{"id":"good","to":{"all":true},"payload":1}""");

        (await service.ReplyAsync()).Body.ToJsonString().ShouldBe("""{"node":"a.boot","part":1,"parts":1,"refused":"to"}""");
        (await IdAsync(car)).ShouldBe("good");
        string metrics = await node.MetricsAsync();
        foreach (string reason in new[] { "message-json", "message-too-large", "message-to" })
        {
            metrics.ShouldContain($"push_bus_dropped_messages_total{{reason=\"{reason}\"}} 1");
        }

        metrics.ShouldContain("push_node_messages_to_vehicles_total{outcome=\"sent\"} 1");
    }

    [Fact]
    public async Task ACarThatDoesNotRead_IsCut_AndTheNextOneHasEveryMessage()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        using RawCar slow = await RawCar.ArriveAsync(node.Vehicles, "car-slow", receiveBuffer: 4096);
        using RawCar good = await MessageStage.ArriveAsync(node, "car-good");
        string payload = new('p', 30_000);

        string? outcome = null;
        for (int i = 0; outcome != "slow"; i++)
        {
            i.ShouldBeLessThan(2000, "the kernel's buffers end somewhere");
            await service.SayAsync($$"""{"id":"m-{{i}}","to":{"all":true},"payload":"{{payload}}"}""", wantsReply: true);
            (await IdAsync(good)).ShouldBe($"m-{i}");
            JsonNode outcomes = (await service.ReplyAsync()).Body["outcomes"]!;
            ((string?)outcomes["car-good"]).ShouldBe("sent");
            outcome = (string?)outcomes["car-slow"];
        }

        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left car-slow"), "the slow car is gone");
    }

    [Fact]
    public async Task ANodeThatIsReplaced_HasAQueueAgain()
    {
        TestNode old = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        await old.StopAsync();
        TestNode node = await _stage.AddNodeAsync("a");
        using RawCar car = await MessageStage.ArriveAsync(node, "car-1");

        await service.SayAsync("""{"id":"m-1","to":{"vids":["car-1"]},"payload":1}""", wantsReply: true);
        await service.SayAsync("""{"id":"m-2","to":{"vids":["car-1"]},"payload":1}""");

        (await IdAsync(car)).ShouldBe("m-1");
        (await IdAsync(car)).ShouldBe("m-2", "once from the new queue, and not from an old one too");
        (await service.ReplyAsync()).Body["outcomes"]!.ToJsonString().ShouldBe("""{"car-1":"sent"}""");
    }

    private static async Task<string> TextAsync(RawCar car) => System.Text.Encoding.UTF8.GetString((await car.ReadFrameAsync())!.Payload);

    private static async Task<string?> IdAsync(RawCar car) => (string?)(await car.ReadFrameAsync())!.Json!["id"];
}
