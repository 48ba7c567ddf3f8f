using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>A pool on a real Redis: its nodes, and what an operator does to it, step by step.</summary>
internal sealed class TestPool : IAsyncDisposable
{
    private readonly string _redis;
    private readonly List<OrdersNode> _nodes = [];

    private TestPool(string redis, PoolName name, RedisStore store)
    {
        _redis = redis;
        Name = name;
        Store = store;
    }

    public PoolName Name { get; }

    public RedisStore Store { get; }

    public InMemoryOrderBus Bus { get; } = new();

    public static async Task<TestPool> StartAsync(string redis) => new(
        redis, new PoolName("orders", Guid.NewGuid().ToString("N")), await RedisStore.ConnectAsync(redis, TimeProvider.System, NullLoggerFactory.Instance));

    public async Task<OrdersNode> AddNodeAsync(
        string pod, Func<IDeliveryLedger, IDeliveryLedger>? ledger = null, Func<INodeMembership, INodeMembership>? nodes = null)
    {
        OrdersNode node = await OrdersNode.StartAsync(_redis, Name, Bus, pod, ledger, nodes);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Waits for a condition that will come true. Fails after 25 s: less than a round of the nodes' safety net, which would make up for a broken first way and hide it.</summary>
    public static Task UntilAsync(Func<Task<bool>> condition, string what) => UntilAsync(condition, what, TimeSpan.FromSeconds(25));

    /// <param name="what">Asked when it fails: what stood then.</param>
    public static Task UntilAsync(Func<Task<bool>> condition, Func<string> what) => UntilAsync(condition, what, TimeSpan.FromSeconds(25));

    /// <param name="patience">More than 25 s where that net is what is waited for.</param>
    public static Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan patience) => UntilAsync(condition, () => what, patience);

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan patience)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(patience, what());
            await Task.Delay(20);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static Car[] Cars(int count, string prefix = "car") => [.. Enumerable.Range(0, count).Select(i => new Car($"{prefix}-{i}"))];

    /// <summary>Connects cars and waits until each has its final welcome.</summary>
    public static async Task ConnectAsync(OrdersNode node, IEnumerable<Car> cars)
    {
        CarLink[] links = [.. cars.Select(car => car.ConnectTo(node))];
        await UntilAsync(() => Array.TrueForAll(links, link => link.IsWelcome), "all cars are welcomed");
    }

    /// <summary>An order without a ledger yet.</summary>
    public static Order NewOrder(string campaign = "hotfix", Func<Order, Order>? change = null)
    {
        Order order = new()
        {
            CampaignId = campaign,
            Revision = 1,
            OwnerUid = $"uid-{campaign}",
            Generation = 1,
            Gate = Gate.Preview,
            Filter = new TargetFilter(),
            Delivery = new DeliveryRules { AckTimeoutSeconds = 30, MaxAttempts = 5 },
            Notice = $$$"""{"type":"push","delivery":"{{{campaign}}}#1","campaign":"{{{campaign}}}","patch":{"id":"p"}}""",
        };
        return change?.Invoke(order) ?? order;
    }

    /// <summary>Makes the ledger; the order is then to be frozen.</summary>
    public async Task<Order> CreateLedgerAsync(Order order, int? rate = null, long? cap = null)
    {
        Pace pace = new(Open: false, rate, DateTimeOffset.UnixEpoch.AddYears(200), Supervised: false);
        LedgerPlan plan = new($"ledger-{order.CampaignId}", "hash", order.OwnerUid, 1000, cap, pace);
        CreateReply made = await Store.Control.CreateAsync(order.Key(Name), plan, CancellationToken.None);
        made.Outcome.ShouldBe(CreateOutcome.Created);
        return order with { LedgerId = made.LedgerId, StartedAt = made.StartedAt, Gate = Gate.Freeze };
    }

    /// <summary>Makes the ledger, puts the cars in as targets, and freezes it as an operator does with explicit lists.</summary>
    public async Task<Order> FreezeListAsync(Order order, IEnumerable<Car> targets, int? rate = null, long? cap = null)
    {
        Order frozen = await CreateLedgerAsync(order, rate, cap);
        foreach (IGrouping<int, Car> shard in targets.GroupBy(car => Shards.Of(car.Vid)))
        {
            foreach (Car[] batch in shard.Chunk(256))
            {
                await Store.Ledger.TargetAsync(
                    order.Key(Name), frozen.LedgerId, shard.Key, [.. batch.Select(car => new Target(car.Vid, Away: false))], CancellationToken.None);
            }
        }

        for (int shard = 0; shard < Shards.Count; shard++)
        {
            await Store.Ledger.MarkFrozenAsync(order.Key(Name), frozen.LedgerId, shard, CancellationToken.None);
        }

        return frozen;
    }

    /// <summary>Opens the gate: pace, book, bus.</summary>
    public async Task<Order> OpenAsync(Order order, int? rate = null)
    {
        await SetGateAsync(order, open: true, rate);
        return await PublishAsync(order with { Gate = Gate.Open });
    }

    /// <summary>Opens or closes the pace alone; the nodes are not told.</summary>
    public async Task SetGateAsync(Order order, bool open, int? rate = null) =>
        (await Store.Control.SetPaceAsync(
            order.Key(Name), order.LedgerId, new Pace(open, rate, DateTimeOffset.UnixEpoch.AddYears(200), Supervised: false), CancellationToken.None)).ShouldBeTrue();

    /// <summary>Writes the order into the book and tells the nodes.</summary>
    public async Task<Order> PublishAsync(Order order)
    {
        PutReply put = await Store.Orders.PutAsync(Name, order, order.Seq, CancellationToken.None);
        put.Outcome.ShouldBe(PutOutcome.Accepted);
        await Bus.PublishAsync(Name, new OrderMessage(put.Seq, put.Prev, put.Order!), CancellationToken.None);
        return put.Order!;
    }

    public async Task<LedgerCounts> CountsAsync(Order order) => (await Store.Control.ReadAsync(order.Key(Name), CancellationToken.None))!.Counts;

    public async Task UntilDeliveredAsync(Order order, int number)
    {
        LedgerCounts last = LedgerCounts.Zero;
        await UntilAsync(async () => (last = await CountsAsync(order)).Delivered >= number, $"{number} delivered, got {last}");
    }

    /// <summary>The counters equal a scan (G2), and as many are delivered as said.</summary>
    public async Task AuditAsync(Order order, int delivered)
    {
        AuditReport report = await Store.Control.AuditAsync(order.Key(Name), CancellationToken.None);
        report.Differences.ShouldBeEmpty();
        report.Counters.Delivered.ShouldBe(delivered);
    }

    public async Task<IReadOnlyList<DeliveryRecord>> RecordsAsync(Order order)
    {
        List<DeliveryRecord> records = [];
        await foreach (DeliveryRecord record in Store.Control.ScanAsync(order.Key(Name), CancellationToken.None))
        {
            records.Add(record);
        }

        return records;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OrdersNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Bus.DisposeAsync();
        await Store.DisposeAsync();
    }
}
