using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Targeting;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>Does to a pool's campaigns what an operator does, over the same Redis and RabbitMQ; the operator itself is not in the path that is measured.</summary>
internal sealed class CampaignDesk : IAsyncDisposable
{
    private static readonly TimeSpan FreezeWithin = TimeSpan.FromMinutes(2);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PoolName _pool;
    private readonly RedisStore _store;
    private readonly RabbitOrderBus _bus;

    private CampaignDesk(PoolName pool, RedisStore store, string rabbit)
    {
        (_pool, _store) = (pool, store);
        _bus = new RabbitOrderBus(
            rabbit, "bench", TimeProvider.System, NullLogger<RabbitOrderBus>.Instance, new BusMetrics(_services.GetRequiredService<IMeterFactory>()));
    }

    public static async Task<CampaignDesk> OpenAsync(BackEnd servers, PoolName pool) =>
        new(pool, await RedisStore.ConnectAsync(servers.Redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance), servers.Rabbit.Uri);

    /// <summary>Makes a campaign for every known car, and has the nodes freeze its targets.</summary>
    /// <param name="name">Not used before in this pool.</param>
    /// <exception cref="TimeoutException">The nodes did not.</exception>
    public async Task<Order> FreezeAsync(string name, int expected, DeliveryRules rules)
    {
        string before = $$$"""{"type":"push","delivery":"{{{name}}}#1","campaign":"{{{name}}}","patch":{"id":"brake-ecu","version":"4.2.1","notes":""";
        string notice = $"{before}\"{new string('x', BenchMessage.Size - before.Length - 4)}\"}}}}";
        Order order = new()
        {
            CampaignId = name,
            Revision = 1,
            OwnerUid = $"uid-{name}",
            Generation = 1,
            Gate = Gate.Preview,
            Filter = new TargetFilter(),
            Delivery = rules,
            Notice = notice,
        };
        LedgerPlan plan = new($"ledger-{name}", "hash", order.OwnerUid, expected, Cap: null, PaceOf(open: false, rate: null));
        CreateReply made = await _store.Control.CreateAsync(order.Key(_pool), plan, CancellationToken.None);
        order = await PublishAsync(order with { LedgerId = made.LedgerId, StartedAt = made.StartedAt, Gate = Gate.Freeze });
        long began = Stopwatch.GetTimestamp();
        while (!(await ReadAsync(order)).Frozen)
        {
            if (Stopwatch.GetElapsedTime(began) > FreezeWithin)
            {
                throw new TimeoutException($"The nodes have not frozen {name}.");
            }

            await Task.Delay(100);
        }

        return order;
    }

    /// <summary>Opens the gate.</summary>
    /// <param name="rate">Cars a second over all nodes; null: no limit.</param>
    public async Task<Order> OpenAsync(Order order, int? rate)
    {
        await SetGateAsync(order, open: true, rate);
        return await PublishAsync(order with { Gate = Gate.Open });
    }

    /// <summary>Closes it for good.</summary>
    public async Task CloseAsync(Order order)
    {
        await SetGateAsync(order, open: false, rate: null);
        await PublishAsync(order with { Gate = Gate.Closed });
    }

    public async Task<LedgerCounts> CountsAsync(Order order) => (await ReadAsync(order)).Counts;

    /// <summary>What the ledger says once as many are delivered.</summary>
    /// <exception cref="TimeoutException">They were not; says what it says then.</exception>
    public async Task<LedgerCounts> UntilDeliveredAsync(Order order, long cars, TimeSpan patience)
    {
        long began = Stopwatch.GetTimestamp();
        LedgerCounts counts;
        while ((counts = await CountsAsync(order)).Delivered < cars)
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                throw new TimeoutException($"{order.CampaignId}: {cars} deliveries were due, the ledger has {counts}.");
            }

            await Task.Delay(20);
        }

        return counts;
    }

    /// <summary>The counters against a scan of all records: empty when they agree (G2).</summary>
    public async Task<IReadOnlyList<string>> AuditAsync(Order order) =>
        (await Insistence.AnsweredAsync(() => _store.Control.AuditAsync(order.Key(_pool), CancellationToken.None))).Differences;

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _store.DisposeAsync();
        await _services.DisposeAsync();
    }

    private static Pace PaceOf(bool open, int? rate) => new(open, rate, DateTimeOffset.UnixEpoch.AddYears(200), Supervised: false);

    private Task SetGateAsync(Order order, bool open, int? rate) =>
        Insistence.AnsweredAsync(() => _store.Control.SetPaceAsync(order.Key(_pool), order.LedgerId, PaceOf(open, rate), CancellationToken.None));

    private async Task<LedgerReading> ReadAsync(Order order) =>
        (await Insistence.AnsweredAsync(() => _store.Control.ReadAsync(order.Key(_pool), CancellationToken.None)))
        ?? throw new InvalidOperationException($"The ledger of {order.CampaignId} is gone.");

    private async Task<Order> PublishAsync(Order order)
    {
        PutReply put = await _store.Orders.PutAsync(_pool, order, order.Seq, CancellationToken.None);
        if (put.Order is not { } written)
        {
            throw new InvalidOperationException($"The order of {order.CampaignId} was not taken: {put.Outcome}.");
        }

        await _bus.PublishAsync(_pool, new OrderMessage(put.Seq, put.Prev, written), CancellationToken.None);
        return written;
    }
}
