using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>Cars that come, and come twice, at awkward moments.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class ConnectionFaultTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task CarsOnTwoNodes_TheKicksAreLostAndTheOlderLinksCloseLate_EachIsToldOnceOnTheNewerLinkAndStaysPresent()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(a, cars);
        CarLink[] older = [.. cars.Select(car => car.Link)];
        Array.ForEach(older, link => link.HalfOpen = true);
        _pool.Bus.LoseEverything = true;
        await TestPool.ConnectAsync(b, cars);
        older.ShouldAllBe(link => link.IsOpen);

        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await _pool.UntilDeliveredAsync(order, 20);
        cars.ShouldAllBe(car => car.Pushes == 1);

        Array.ForEach(older, link => link.Leave());
        await a.StopAsync();
        (await HoldersAsync()).ShouldBe(Enumerable.Repeat(b.Name, 20));
        await _pool.AuditAsync(order, 20);
    }

    [Fact]
    public async Task OrderIsHeldAndLetGoAgainAndAgain_WhileCarsConnect_EachIsToldOnce()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(400);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));

        Task arriving = Task.WhenAll(ConnectInTensAsync(a, cars[..200]), ConnectInTensAsync(b, cars[200..]));
        int changes = 0;
        for (; !arriving.IsCompleted || changes < 10; changes++)
        {
            await _pool.SetGateAsync(order, open: false);
            order = await _pool.PublishAsync(order with { Gate = Gate.Paused });
            order = await _pool.OpenAsync(order with { Delivery = new DeliveryRules { AckTimeoutSeconds = 30 + changes, MaxAttempts = 5 } });
        }

        await arriving;
        await _pool.UntilDeliveredAsync(order, 400);
        cars.ShouldAllBe(car => car.Pushes == 1);
        await _pool.AuditAsync(order, 400);
    }

    private static async Task ConnectInTensAsync(OrdersNode node, Car[] cars)
    {
        foreach (Car[] few in cars.Chunk(10))
        {
            await TestPool.ConnectAsync(node, few);
        }
    }

    private async Task<IReadOnlyList<string?>> HoldersAsync()
    {
        List<string?> holders = [];
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            await foreach (IReadOnlyList<KnownVehicle> page in _pool.Store.Vehicles.WalkAsync(_pool.Name, shard, TimeSpan.FromDays(1), Token))
            {
                holders.AddRange(page.Select(vehicle => vehicle.Holder?.Node));
            }
        }

        return holders;
    }
}
