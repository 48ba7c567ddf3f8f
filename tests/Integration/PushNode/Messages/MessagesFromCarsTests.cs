using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.PushNode.Messages;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Messages;

/// <summary>What cars say to services, and what they hear of its outcome.</summary>
public sealed class MessagesFromCarsTests(RabbitFixture rabbit) : IClassFixture<RabbitFixture>, IAsyncLifetime
{
    private readonly MessageStage _stage = new(rabbit.Server.Uri);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task AMessage_NamesTheCarThatTheTokenNames_WhateverItClaims()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        await service.ListenAsync();
        using RawCar car = await MessageStage.ArriveAsync(node, "car-1", "driver-app");

        await car.SendTextAsync("""{"type":"message","vid":"car-2","role":"head-unit","id":"c-1","payload":{"vid":"car-2", "soc":8.10}}""");
        Heard heard = await service.UplinkAsync();

        (await car.ReadFrameAsync())!.Json!.ToJsonString().ShouldBe("""{"type":"outcome","id":"c-1","outcome":"accepted"}""");
        heard.RoutingKey.ShouldBe("driver-app");
        DateTimeOffset.Parse((string)heard.Body["receivedAt"]!).Offset.ShouldBe(TimeSpan.Zero);
        heard.Body.Remove("receivedAt");
        heard.Body.ToJsonString().ShouldBe("""{"id":"c-1","vid":"car-1","role":"driver-app","node":"a.boot","payload":{"vid":"car-2","soc":8.10}}""");
    }

    [Fact]
    public async Task ADevice_IsNamed_AndServicesCanListenToOneRole()
    {
        TestNode node = await _stage.AddNodeAsync("a", SessionMode.PerDevice);
        await using TestService service = await _stage.AddServiceAsync();
        await service.ListenAsync("head-unit");
        using RawCar device = await MessageStage.ArriveAsync(node, "car-1", "head-unit", "left");
        using RawCar other = await MessageStage.ArriveAsync(node, "car-2");

        (await SayAsync(other, "c-1")).ShouldBe("unheard");
        (await SayAsync(device, "c-2")).ShouldBe("accepted");

        JsonObject heard = (await service.UplinkAsync()).Body;
        ((string?)heard["vid"], (string?)heard["device"], (string?)heard["id"]).ShouldBe(("car-1", "left", "c-2"));
    }

    [Fact]
    public async Task TheBrokerGoesAndComesBack_TheCarHearsBoth_AndStays()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        using RawCar car = await MessageStage.ArriveAsync(node, "car-1");

        await rabbit.Server.StopAsync();
        (await SayAsync(car, "down")).ShouldBe("unavailable");
        node.Service<MessageExchange>().Faults.ShouldHaveSingleItem().Blocks.ShouldBeFalse();
        await car.SendTextAsync("""{"type":"ping"}""");
        ((string?)(await car.ReadFrameAsync())!.Json!["type"]).ShouldBe("pong");

        await rabbit.Server.StartAgainAsync();
        await using TestService service = await _stage.AddServiceAsync();
        await Eventually.BeTrueAsync(() => node.Service<MessageExchange>().Faults.Any() is false, "the queue is there again");
        await service.SayAsync("""{"id":"m-1","to":{"vids":["car-1"]},"payload":1}""");
        ((string?)(await car.ReadFrameAsync())!.Json!["id"]).ShouldBe("m-1");
        await service.ListenAsync();

        string? outcome = null;
        for (int i = 0; outcome != "accepted"; i++)
        {
            i.ShouldBeLessThan(60, "it is tried again a second after a failure");
            outcome = await SayAsync(car, $"up-{i}");
        }

        node.Service<MessageExchange>().Faults.ShouldBeEmpty();
        node.Events.Story.ShouldNotContain("left car-1");
    }

    [Fact]
    public async Task AFlood_IsBounded_AndHoldsUpNobodyElse()
    {
        TestNode node = await _stage.AddNodeAsync("a");
        await using TestService service = await _stage.AddServiceAsync();
        await service.ListenAsync();
        using RawCar flooder = await MessageStage.ArriveAsync(node, "car-flood");
        using RawCar other = await MessageStage.ArriveAsync(node, "car-other");
        long began = TimeProvider.System.GetTimestamp();

        Dictionary<string, int> outcomes = [];
        for (int i = 0; i < 20; i++)
        {
            for (int j = 0; j < 50; j++)
            {
                await flooder.SendTextAsync($$"""{"type":"message","id":"f-{{i}}-{{j}}","payload":1}""");
            }

            for (int j = 0; j < 50; j++)
            {
                string outcome = (string)(await flooder.ReadFrameAsync())!.Json!["outcome"]!;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
        }

        (await SayAsync(other, "o-1")).ShouldBe("accepted");
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        outcomes.Keys.Order().ShouldBe(["accepted", "throttled"]);
        outcomes["accepted"].ShouldBeInRange(MessageAllowance.Burst, MessageAllowance.Burst + (int)Math.Ceiling(seconds));
        for (int i = 0; i < outcomes["accepted"]; i++)
        {
            ((string?)(await service.UplinkAsync()).Body["vid"]).ShouldBe("car-flood");
        }

        ((string?)(await service.UplinkAsync()).Body["vid"]).ShouldBe("car-other");
    }

    private static async Task<string?> SayAsync(RawCar car, string id)
    {
        await car.SendTextAsync($$"""{"type":"message","id":"{{id}}","payload":1}""");
        JsonObject outcome = (await car.ReadFrameAsync())!.Json!;
        ((string?)outcome["id"]).ShouldBe(id);
        return (string?)outcome["outcome"];
    }
}
