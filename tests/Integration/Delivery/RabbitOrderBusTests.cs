using System.Text;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.LocalCluster.Servers;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>A broker of our own for all tests that need one.</summary>
public sealed class RabbitFixture : IAsyncLifetime
{
    public RabbitServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RabbitServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public RabbitOrderBus NewBus() => SharedBroker.NewBus(Server.Uri);
}

public sealed class RabbitOrderBusTests(RabbitFixture rabbit) : OrderBusSpec, IClassFixture<RabbitFixture>, IAsyncLifetime
{
    private readonly RabbitOrderBus _bus = rabbit.NewBus();

    protected override IOrderBus Bus => _bus;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    private static readonly string[] Poisons =
    [
        "", "{", "null", "[]", "7", "\u0000", "\u00ff\u00fe\u0000\u0001", "{}", new string('x', 1024 * 1024), new string('[', 100_000),
        """{"type":"unheard-of"}""", """{"type":7}""", """{"type":"tick","seq":"x"}""", """{"type":"tick","seq":1.5}""", """{"type":"tick","seq":99999999999999999999}""",
        """{"type":"order"}""", """{"type":"order","seq":"x"}""", """{"type":"order","seq":1,"prev":0}""", """{"type":"order","seq":1,"prev":0,"order":null}""",
        """{"type":"order","seq":1,"prev":0,"order":{}}""", """{"type":"order","seq":1,"prev":0,"order":[]}""", """{"type":"kick"}""", """{"type":"kick","vid":null,"session":1}""",
        """{"type":"kick","vid":7,"session":1}""",
    ];

    [Fact]
    public async Task Subscribe_PoisonMessages_AreDroppedAndTheNextIsRead()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);
        await using IConnection raw = await new ConnectionFactory { Uri = new Uri(rabbit.Server.Uri) }.CreateConnectionAsync();
        await using IChannel channel = await raw.CreateChannelAsync();

        foreach (string poison in Poisons)
        {
            await channel.BasicPublishAsync($"push.{Pool.Namespace}.{Pool.Name}", "", Encoding.Latin1.GetBytes(poison));
        }

        await Bus.PublishAsync(Pool, new TickMessage(5), CancellationToken.None);

        (await node.NextAsync()).ShouldBe(new TickMessage(5));
    }

    [Fact]
    public async Task Subscribe_BrokerRestarts_ConnectsAgainWithANewQueue()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);
        await Bus.PublishAsync(Pool, new TickMessage(1), CancellationToken.None);
        (await node.NextAsync()).ShouldBe(new TickMessage(1));

        await rabbit.Server.RestartAsync();
        await node.ConnectedAsync();
        await PublishUntilTakenAsync(new TickMessage(2));

        (await node.NextAsync()).ShouldBe(new TickMessage(2));
        Bus.Fault.ShouldBeNull();
    }

    [Fact]
    public async Task Publish_BrokerDown_FailsWithWordsAndRecovers()
    {
        await Bus.PublishAsync(Pool, new TickMessage(1), CancellationToken.None);
        await rabbit.Server.StopAsync();

        BusUnavailableException failure = await Should.ThrowAsync<BusUnavailableException>(
            () => Bus.PublishAsync(Pool, new TickMessage(2), CancellationToken.None));
        failure.Message.ShouldContain($"RabbitMQ at 127.0.0.1:{rabbit.Server.Port}");
        Bus.Fault.ShouldBe(failure.Message);

        await rabbit.Server.StartAgainAsync();
        await PublishUntilTakenAsync(new TickMessage(3));
        Bus.Fault.ShouldBeNull();
    }

    // A broker that has just come back may refuse for a moment; each try ends with an answer, so this needs no sleep.
    private async Task PublishUntilTakenAsync(BusMessage message)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await Bus.PublishAsync(Pool, message, limit.Token);
                return;
            }
            catch (BusUnavailableException)
            {
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
