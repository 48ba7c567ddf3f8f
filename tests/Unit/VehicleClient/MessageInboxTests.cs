using System.Text.Json;
using System.Threading.Channels;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

public sealed class MessageInboxTests
{
    [Fact]
    public async Task Offer_FullAndOfferedAgainLater_IsHeard()
    {
        const int capacity = 16;
        Channel<string> heard = Channel.CreateUnbounded<string>();
        List<string> faults = [];
        MessageInbox inbox = new(new VehicleOptions
        {
            Vid = "car-1",
            Endpoints = [new Uri("ws://127.0.0.1/ws")],
            OnPush = (_, _) => ValueTask.FromResult(DeliveryReport.Received),
            OnMessage = (message, _) => heard.Writer.WriteAsync(message.Id, CancellationToken.None),
            OnFault = fault => faults.Add(fault.What),
        });
        for (int i = 0; i <= capacity; i++)
        {
            inbox.Offer(Message($"m-{i}"));
        }

        faults.ShouldHaveSingleItem().ShouldContain("m-16");
        using CancellationTokenSource stop = new();
        Task running = inbox.RunAsync(stop.Token);
        for (int i = 0; i < capacity; i++)
        {
            (await heard.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe($"m-{i}");
        }

        inbox.Offer(Message("m-16"));
        inbox.Offer(Message("m-16"));
        inbox.Offer(Message("m-17"));

        (await heard.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe("m-16");
        (await heard.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe("m-17");
        await stop.CancelAsync();
        await running;
    }

    private static DirectMessage Message(string id) => new(id, JsonDocument.Parse("1").RootElement);
}
