using System.Text.Json;
using System.Threading.Channels;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>Direct messages, from the car's end.</summary>
public sealed class VehicleMessagesTests : IAsyncLifetime
{
    private const int Timeout = 30_000;

    private readonly Channel<DirectMessage> _heard = Channel.CreateUnbounded<DirectMessage>();
    private FakeNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await FakeNode.StartAsync();

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact(Timeout = Timeout)]
    public async Task Message_ACopyAndAnother_AreHeardOnceEach_AlsoAfterAReconnect()
    {
        await using TestCar car = new(_node, onMessage: message => _heard.Writer.TryWrite(message));
        FakeLink link = await _node.WelcomeAsync();
        await link.SendAsync("""{"type":"message","id":"m-1","payload":{"unlock":true}}""");
        await link.SendAsync("""{"type":"message","id":"m-1","payload":{"unlock":true}}""");
        DirectMessage first = await _heard.Reader.ReadAsync();
        await link.CloseAsync(1000);
        await car.ComeBackAsync();
        link = await _node.WelcomeAsync();
        await link.SendAsync("""{"type":"message","id":"m-1","payload":{"unlock":true}}""");
        await link.SendAsync("""{"type":"message","id":"m-2","payload":2}""");

        (first.Id, first.Payload.GetRawText()).ShouldBe(("m-1", """{"unlock":true}"""));
        (await _heard.Reader.ReadAsync()).Id.ShouldBe("m-2");
    }

    [Theory(Timeout = Timeout)]
    [InlineData("accepted", MessageOutcome.Accepted)]
    [InlineData("unheard", MessageOutcome.Unheard)]
    [InlineData("unavailable", MessageOutcome.Unavailable)]
    [InlineData("throttled", MessageOutcome.Throttled)]
    [InlineData("of-a-later-version", MessageOutcome.Unknown)]
    public async Task Send_TheNodesOutcome_IsTheAnswer(string said, MessageOutcome expected)
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await car.ConnectedAsync();

        Task<MessageOutcome> outcome = car.Connection.SendMessageAsync(Json("""{"soc":81}"""), "c-1");
        (await link.ReadAsync()).GetRawText().ShouldBe("""{"type":"message","id":"c-1","payload":{"soc":81}}""");
        await link.SendAsync($$"""{"type":"outcome","id":"another","outcome":"throttled"}""");
        await link.SendAsync($$"""{"type":"outcome","id":"c-1","outcome":"{{said}}"}""");

        (await outcome).ShouldBe(expected);
    }

    [Fact(Timeout = Timeout)]
    public async Task Send_TheLinkEndsFirst_IsUnknown_AndIsNotSentAgain()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await car.ConnectedAsync();
        Task<MessageOutcome> outcome = car.Connection.SendMessageAsync(Json("1"), "c-1");
        await link.ReadAsync();
        link.Break();

        (await outcome).ShouldBe(MessageOutcome.Unknown);
        (await car.Connection.SendMessageAsync(Json("2"), "c-2")).ShouldBe(MessageOutcome.NotSent, "there is no link");
        await car.ComeBackAsync();
        link = await _node.WelcomeAsync();
        await car.ConnectedAsync();
        Task<MessageOutcome> next = car.Connection.SendMessageAsync(Json("3"), "c-3");
        (await link.ReadAsync()).GetProperty("id").GetString().ShouldBe("c-3", "neither of the others came first");
        await link.SendAsync("""{"type":"outcome","id":"c-3","outcome":"accepted"}""");
        (await next).ShouldBe(MessageOutcome.Accepted);
    }

    [Fact(Timeout = Timeout)]
    public async Task Send_OutsideTheLimits_IsRefusedAtOnce()
    {
        await using TestCar car = new(_node);
        JsonElement large = Json($"\"{new string('x', 4096)}\"");

        await Should.ThrowAsync<ArgumentException>(() => car.Connection.SendMessageAsync(large));
        await Should.ThrowAsync<ArgumentException>(() => car.Connection.SendMessageAsync(Json("null")));
        await Should.ThrowAsync<ArgumentException>(() => car.Connection.SendMessageAsync(Json("1"), "c 1"));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
