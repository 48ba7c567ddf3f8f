using System.Text.Json;
using System.Threading.Channels;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>What every bus promises.</summary>
public abstract class OrderBusSpec
{
    /// <summary>Each test has a pool to itself, so that they can share a broker.</summary>
    protected PoolName Pool { get; } = new("tests", $"bus-{Guid.NewGuid():N}");

    protected abstract IOrderBus Bus { get; }

    [Fact]
    public async Task Publish_TwoNodesSubscribed_BothReceiveTheOrderWhole()
    {
        await using Subscriber first = await Subscriber.StartAsync(Bus, Pool);
        await using Subscriber second = await Subscriber.StartAsync(Bus, Pool);
        OrderMessage sent = new(Seq: 12, Prev: 11, AnOrder());

        await Bus.PublishAsync(Pool, sent, CancellationToken.None);

        foreach (Subscriber node in new[] { first, second })
        {
            OrderMessage got = (await node.NextAsync()).ShouldBeOfType<OrderMessage>();
            (got.Seq, got.Prev).ShouldBe((12, 11));
            JsonSerializer.Serialize(got.Order, DeliveryJson.Default.Order).ShouldBe(JsonSerializer.Serialize(sent.Order, DeliveryJson.Default.Order));
        }
    }

    [Fact]
    public async Task Publish_SeveralMessages_ArriveInOrder()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);

        for (int seq = 1; seq <= 200; seq++)
        {
            await Bus.PublishAsync(Pool, new TickMessage(seq), CancellationToken.None);
        }

        for (int seq = 1; seq <= 200; seq++)
        {
            (await node.NextAsync()).ShouldBe(new TickMessage(seq));
        }
    }

    [Fact]
    public async Task Publish_AMessageWithoutMembers_ArrivesAsWhatItIs()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);

        await Bus.PublishAsync(Pool, new DrainMessage(), CancellationToken.None);

        (await node.NextAsync()).ShouldBe(new DrainMessage());
    }

    [Fact]
    public async Task Publish_NobodySubscribed_IsNoError() =>
        await Bus.PublishAsync(Pool, new TickMessage(1), CancellationToken.None);

    [Fact]
    public async Task Publish_AnotherPool_DoesNotArrive()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);

        await Bus.PublishAsync(Pool with { Name = Pool.Name + "-other" }, new TickMessage(1), CancellationToken.None);
        await Bus.PublishAsync(Pool, new KickMessage("vin-1", 77), CancellationToken.None);

        (await node.NextAsync()).ShouldBe(new KickMessage("vin-1", 77));
    }

    [Fact]
    public async Task Rebuild_WhileSubscribed_SaysConnectedAgainAndGoesOn()
    {
        await using Subscriber node = await Subscriber.StartAsync(Bus, Pool);

        Bus.Rebuild("the test asks for it");
        await node.ConnectedAsync();
        await Bus.PublishAsync(Pool, new TickMessage(2), CancellationToken.None);

        (await node.NextAsync()).ShouldBe(new TickMessage(2));
        Bus.Fault.ShouldBeNull();
    }

    private static Order AnOrder() => new()
    {
        CampaignId = "fleet/brake-hotfix",
        Revision = 2,
        OwnerUid = "uid-1",
        Generation = 3,
        Seq = 12,
        LedgerId = "ledger-1",
        Gate = Gate.Open,
        Filter = new TargetFilter
        {
            ExcludeVids = ["vin-9"],
            Selector = new LabelSelector
            {
                MatchLabels = new Dictionary<string, string> { ["model"] = "x7" },
                MatchExpressions = [new LabelRequirement("firmware", LabelOperator.In, ["1", "2"])],
            },
            Geo = new GeoFilter { Include = [new GeoArea { Circle = new GeoCircle(48.1, 11.5, 5000) }] },
        },
        TakesNewVehicles = true,
        StartedAt = 1_700_000_000_000_000,
        Delivery = new DeliveryRules { MaxAttempts = 3 },
        Notice = """{"type":"push"}""",
    };

    /// <summary>One node's reading of the bus.</summary>
    protected sealed class Subscriber : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

        private readonly CancellationTokenSource _stop = new();
        private readonly Channel<BusEvent> _events = Channel.CreateUnbounded<BusEvent>();
        private readonly Task _reading;

        private Subscriber(IOrderBus bus, PoolName pool) => _reading = ReadAsync(bus, pool);

        public static async Task<Subscriber> StartAsync(IOrderBus bus, PoolName pool)
        {
            Subscriber subscriber = new(bus, pool);
            await subscriber.ConnectedAsync();
            return subscriber;
        }

        /// <summary>The next message; skips connects.</summary>
        public async Task<BusMessage> NextAsync()
        {
            while (true)
            {
                if (await _events.Reader.ReadAsync().AsTask().WaitAsync(Patience) is BusEvent.Received received)
                {
                    return received.Message;
                }
            }
        }

        /// <summary>Waits for the next connect.</summary>
        public async Task ConnectedAsync()
        {
            while (await _events.Reader.ReadAsync().AsTask().WaitAsync(Patience) is not BusEvent.Connected)
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _reading;
            _stop.Dispose();
        }

        private async Task ReadAsync(IOrderBus bus, PoolName pool)
        {
            try
            {
                await foreach (BusEvent happened in bus.SubscribeAsync(pool, _stop.Token))
                {
                    _events.Writer.TryWrite(happened);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                _events.Writer.TryComplete();
            }
        }
    }
}

public sealed class InMemoryOrderBusTests : OrderBusSpec
{
    protected override IOrderBus Bus { get; } = new InMemoryOrderBus();
}
