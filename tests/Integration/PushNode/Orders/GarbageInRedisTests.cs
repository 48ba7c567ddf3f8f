using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using StackExchange.Redis;
using Xunit;
using Order = PushPlatform.Delivery.Orders.Order;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>Somebody wrote into Redis: the node names it, keeps its cars, carries out everything else, and goes on by itself once it is put right.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class GarbageInRedisTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    private IDatabase Raw => redis.Raw.GetDatabase();

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task AHeaderIsNone_ItsCampaignStops_TheOtherReachesEveryCar()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(100);
        Order bad = await _pool.FreezeListAsync(TestPool.NewOrder("bad", order => order with { Priority = 900 }), cars);
        Order good = await _pool.FreezeListAsync(TestPool.NewOrder("good"), cars);
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            await ReplaceAsync(PushKeys.Header(bad.Key(_pool.Name), shard));
        }

        await _pool.OpenAsync(bad);
        await _pool.OpenAsync(good);
        await TestPool.ConnectAsync(node, cars);
        await _pool.UntilDeliveredAsync(good, 100);

        cars.ShouldAllBe(car => car.Pushes == 1);
        node.Health.Faults.ShouldContain(fault => fault.Text.Contains("bad", StringComparison.Ordinal) && !fault.Blocks);
        await _pool.AuditAsync(good, 100);
    }

    [Fact]
    public async Task RecordsAreNone_TheirCarsAreToldAgain_NoOtherIsHeldUp()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(100);
        Order order = await _pool.FreezeListAsync(TestPool.NewOrder(), cars);
        foreach (Car car in cars[..20])
        {
            await DamageAsync(order, car.Vid);
        }

        await TestPool.ConnectAsync(node, cars);
        order = await _pool.OpenAsync(order);
        await _pool.UntilDeliveredAsync(order, 100);

        cars.ShouldAllBe(car => car.Pushes == 1);
        await _pool.AuditAsync(order, 100);
    }

    [Fact]
    public async Task TheBeatsKeyIsNone_TheCarsStay_AndItGoesOnWhenTheKeyIsGone()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(node, cars);
        await ReplaceAsync(PushKeys.Nodes(_pool.Name));

        await TestPool.UntilAsync(() => NamesDamage(node, ":nodes"), "health names the key");
        node.Health.Faults.ShouldAllBe(fault => !fault.Blocks);
        node.Beats.Silence.ShouldBeLessThan(TimeSpan.FromSeconds(3), "it is answered");

        await Raw.KeyDeleteAsync(PushKeys.Nodes(_pool.Name));
        await TestPool.UntilAsync(async () => (await _pool.Store.Nodes.LiveNodesAsync(_pool.Name, default)).Count == 1, "the node beats again");
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await _pool.UntilDeliveredAsync(order, 20);
    }

    [Fact]
    public async Task AnOrderIsNone_TheOthersAreCarriedOut_AndItOnceItIsWrittenAnew()
    {
        Car[] cars = TestPool.Cars(20);
        Order bad = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder("bad"), cars));
        Order good = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder("good"), cars));
        await Raw.HashSetAsync(PushKeys.Orders(_pool.Name), "bad", "nonsense");
        OrdersNode node = await _pool.AddNodeAsync("a");
        await TestPool.ConnectAsync(node, cars);

        await _pool.UntilDeliveredAsync(good, 20);
        await TestPool.UntilAsync(() => NamesDamage(node, "bad"), "health names the order");
        cars.ShouldAllBe(car => car.Pushes == 1);

        await _pool.PublishAsync(bad with { Seq = 0 });
        await _pool.UntilDeliveredAsync(bad, 20);
    }

    [Fact]
    public async Task AShardOfTheRegistryIsNone_ItsCarsWaitConnected_TheOthersAreTold()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(100);
        Car[] held = [.. cars.Where(car => Shards.Of(car.Vid) == 3)];
        Car[] others = [.. cars.Except(held)];
        held.ShouldNotBeEmpty();
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await ReplaceAsync(PushKeys.Online(_pool.Name, 3));

        Array.ForEach(held, car => car.ConnectTo(node));
        await TestPool.ConnectAsync(node, others);
        await _pool.UntilDeliveredAsync(order, others.Length);
        held.ShouldAllBe(car => car.Link.IsOpen && !car.Link.IsWelcome && car.Link.Welcomes.Count() == 1);
        NamesDamage(node, ":online").ShouldBeTrue();

        await Raw.KeyDeleteAsync(PushKeys.Online(_pool.Name, 3));
        await _pool.UntilDeliveredAsync(order, cars.Length);
        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    private static bool NamesDamage(OrdersNode node, string what) => node.Health.Faults.Any(fault => fault.Text.Contains(what, StringComparison.Ordinal));

    private Task DamageAsync(Order order, string vid) => Raw.HashSetAsync(PushKeys.Bucket(order.Key(_pool.Name), Shards.Of(vid), BucketOf(order, vid)), vid, "?,?");

    private int BucketOf(Order order, string vid) => Enumerable.Range(0, 64).First(
        bucket => Raw.HashExists(PushKeys.Bucket(order.Key(_pool.Name), Shards.Of(vid), bucket), vid));

    private async Task ReplaceAsync(RedisKey key)
    {
        await Raw.KeyDeleteAsync(key);
        await Raw.StringSetAsync(key, "nonsense");
    }
}
