using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A Redis Cluster of three masters with a replica each, one of whose masters dies for good.</summary>
public sealed class RedisClusterFaultTests : IAsyncLifetime
{
    private const int Fleet = 300;

    private RedisCluster _redis = null!;
    private TestPool _pool = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisCluster.StartAsync(replicated: true, Token);
        _pool = await TestPool.StartAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task MasterOfThePaceIsKilledInMidPush_ItsReplicaTakesOver_NobodyIsMissedAndTheLedgerAddsUp()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(Fleet);
        await TestPool.ConnectAsync(a, cars[..(Fleet / 2)]);
        await TestPool.ConnectAsync(b, cars[(Fleet / 2)..]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars, rate: 50), rate: 50);
        await TestPool.UntilAsync(() => cars.Sum(car => car.Pushes) > Fleet / 10, "sends have begun");

        RedisServer victim = await HolderOfAsync(PushKeys.Pace(order.Key(_pool.Name))!);
        RedisServer heir = _redis.Replicas[_redis.Masters.ToList().IndexOf(victim)];
        await victim.KillAsync();
        await TestPool.UntilAsync(async () => (await heir.CommandAsync("ROLE", Token)).Contains("master", StringComparison.Ordinal), "the replica has taken over");
        cars.Sum(car => car.Pushes).ShouldBeLessThan(Fleet, "the master died in mid-push");

        // What the master had said and its replica had not heard is found by the nodes' sweep, once in 30 s.
        LedgerCounts last = LedgerCounts.Zero;
        await TestPool.UntilAsync(
            async () => await ReadAsync(order) is { } counts && (last = counts).Delivered == Fleet, "everybody has settled", TimeSpan.FromSeconds(60));

        cars.ShouldAllBe(car => car.Pushes >= 1);
        cars.ShouldAllBe(car => car.Link.Frames.Select(OrdersNode.DeliveryOf).OfType<string>().Distinct().Single() == "hotfix#1");
        last.Targeted.ShouldBe(Fleet);
        await _pool.AuditAsync(order, Fleet);
    }

    private async Task<RedisServer> HolderOfAsync(string key)
    {
        foreach (RedisServer master in _redis.Masters)
        {
            if (await master.CommandAsync($"EXISTS {key}", Token) == ":1\r\n")
            {
                return master;
            }
        }

        throw new InvalidOperationException($"no master has {key}");
    }

    // Null while a part of the Cluster has no master.
    private async Task<LedgerCounts?> ReadAsync(Order order)
    {
        try
        {
            return await _pool.CountsAsync(order);
        }
        catch (PushPlatform.Delivery.StoreUnavailableException)
        {
            return null;
        }
    }
}
