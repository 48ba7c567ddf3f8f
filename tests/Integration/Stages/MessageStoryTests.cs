using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Scenarios.Stages;
using PushPlatform.Tests.Integration.PushNode.Messages;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Stages;

/// <summary>Direct messages through the node as it is shipped, to and from a car with the client library.</summary>
public sealed class MessageStoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AServiceAsks_TheCarAnswers_AndBothLearnWhatBecameOfIt()
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions(), Token);
        await using TestService service = await TestService.StartAsync(stage.Rabbit.Uri, new PoolName(Manifests.Namespace, Manifests.Pool));
        await service.ListenAsync();
        TaskCompletionSource<string> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(Token);
        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using VehicleConnection car = new(new VehicleOptions
        {
            Vid = "car-1",
            Endpoints = [stage.VehicleEndpoint],
            OnConnected = _ => connected.TrySetResult(),
            OnPush = (_, _) => ValueTask.FromResult(DeliveryReport.Received),
            OnMessage = (message, _) =>
            {
                asked.TrySetResult($"{message.Id}: {message.Payload}");
                return ValueTask.CompletedTask;
            },
        });
        Task running = car.RunAsync(leave.Token);
        await connected.Task.WaitAsync(Token);

        await service.SayAsync("""{"id":"ask-1","to":{"vids":["car-1","car-2"]},"payload":"charge?","ttlSeconds":30}""", wantsReply: true);
        Heard reply = await service.ReplyAsync();
        MessageOutcome outcome = await car.SendMessageAsync(JsonElement.Parse("80"), "answer-1", Token);
        Heard heard = await service.UplinkAsync();

        reply.Body["outcomes"]!.ToJsonString().ShouldBe("""{"car-1":"sent"}""", "the other car is on no node");
        (await asked.Task.WaitAsync(Token)).ShouldBe("ask-1: charge?");
        outcome.ShouldBe(MessageOutcome.Accepted);
        ((string?)heard.Body["vid"], (string?)heard.Body["id"], (int?)heard.Body["payload"]).ShouldBe(("car-1", "answer-1", 80));
        await leave.CancelAsync();
        await running;
    }
}
