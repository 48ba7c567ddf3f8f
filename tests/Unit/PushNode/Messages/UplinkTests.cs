using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Messages;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Unit.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Messages;

/// <summary>The bounds of what cars say, and of what a node answers.</summary>
public sealed class UplinkTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly DeadBus _bus = new();
    private readonly Uplink _uplink;

    public UplinkTests() => _uplink = new Uplink(
        new NodeIdentity(new PoolName("a", "b"), SessionMode.Single, "n", "boot", 5, TimeSpan.Zero),
        _bus,
        new MessageMetrics(_services.GetRequiredService<IMeterFactory>()),
        _time);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Said_MoreThanAConnectionMay_IsThrottled_AndTimeGivesItBack()
    {
        FakeLink link = new("car-1");

        Say(link, 12);
        Outcomes(link).ShouldBe(["throttled", "throttled"]);
        _time.Pass(TimeSpan.FromSeconds(2.5));
        Say(link, 3);
        Outcomes(link).ShouldBe(["throttled", "throttled", "throttled"]);
        _time.Pass(TimeSpan.FromHours(1));
        Say(link, 11);
        Outcomes(link).Length.ShouldBe(4, "what was not said is saved up to ten at most");
    }

    [Fact]
    public void Said_MoreThanTheNodeHolds_IsAnsweredAtOnce()
    {
        FakeLink[] links = [.. Enumerable.Range(0, (Uplink.Capacity / MessageAllowance.Burst) + 1).Select(i => new FakeLink($"car-{i}"))];

        foreach (FakeLink link in links)
        {
            Say(link, MessageAllowance.Burst);
        }

        links.Sum(link => Outcomes(link).Length).ShouldBe((links.Length * MessageAllowance.Burst) - Uplink.Capacity);
        links.SelectMany(Outcomes).ShouldAllBe(outcome => outcome == "unavailable");
    }

    [Fact]
    public async Task Run_TheBrokerIsAway_AnswersAll_AndAsksItOnceASecond()
    {
        FakeLink[] links = [.. Enumerable.Range(0, 100).Select(i => new FakeLink($"car-{i}"))];
        foreach (FakeLink link in links)
        {
            Say(link, MessageAllowance.Burst);
        }

        using CancellationTokenSource stop = new();
        Task running = _uplink.RunAsync(stop.Token);
        links.Sum(link => link.Sent.Count).ShouldBe(1000, "the bus answers at once, and so does the loop");
        _bus.Asked.ShouldBe(1, "the rest is answered without it");

        _time.Pass(TimeSpan.FromSeconds(1));
        Say(links[0], 1);
        await _bus.WasAskedAsync(2);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(500, 1)]
    [InlineData(501, 2)]
    [InlineData(0, 0)]
    public void Replies_HoldAtMost500CarsEach_AndSayHowManyThereAre(int cars, int parts)
    {
        Dictionary<string, string> outcomes = Enumerable.Range(0, cars).ToDictionary(i => $"car-{i}", _ => "sent");

        IReadOnlyList<MessageReply> replies = Replies.Of("n", "m", null, outcomes);

        replies.Select(reply => (reply.Part, reply.Parts)).ShouldBe(Enumerable.Range(1, parts).Select(part => (part, parts)));
        replies.Sum(reply => reply.Outcomes!.Count).ShouldBe(cars);
    }

    private static string[] Outcomes(FakeLink link) =>
        [.. link.Sent.Select(frame => Encoding.UTF8.GetString(frame.Bytes.Span)).Select(text => text[(text.LastIndexOf(':') + 2)..^2])];

    private void Say(FakeLink link, int times)
    {
        for (int i = 0; i < times; i++)
        {
            ((IVehicleMessages)_uplink).Said(link, new MessageFrame($"m-{i}", "1"u8.ToArray()));
        }
    }

    private sealed class DeadBus : IMessageBus
    {
        private readonly SemaphoreSlim _asked = new(0);

        public int Asked { get; private set; }

        public string? Fault => "dead";

        public async Task WasAskedAsync(int times)
        {
            for (int i = 0; i < times; i++)
            {
                (await _asked.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
            }
        }

        public Task<IReadOnlyList<bool>> PublishAsync(PoolName pool, IReadOnlyList<UplinkMessage> batch, CancellationToken cancellationToken)
        {
            batch.Count.ShouldBeLessThanOrEqualTo(64);
            Asked++;
            _asked.Release();
            return Task.FromException<IReadOnlyList<bool>>(new BusUnavailableException("dead"));
        }

        public IAsyncEnumerable<ArrivedMessage> SubscribeAsync(PoolName pool, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReplyAsync(ReplyAddress to, IReadOnlyList<MessageReply> parts, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
