using PushPlatform.Delivery.Orders;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A Redis that forgets its scripts, or dies and comes back with its append-only file, in the middle of a push over two nodes.</summary>
public sealed class RedisFaultTests : IAsyncLifetime
{
    private const int Fleet = 200;

    private RedisServer _redis = null!;
    private TestPool _pool = null!;
    private Car[] _cars = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(Token);
        _pool = await TestPool.StartAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task ScriptsAreFlushedAgainAndAgainInMidPush_EachCarIsToldOnce()
    {
        Order order = await PushingAsync();

        for (int told = 0; told < Fleet; told = _cars.Sum(car => car.Pushes))
        {
            (await _redis.CommandAsync("SCRIPT FLUSH", Token)).ShouldStartWith("+OK");
            await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > told, "sends go on");
        }

        await EndsWithEachToldOnceAsync(order);
    }

    [Fact]
    public async Task RedisIsKilledInMidPush_AndComesBackWithItsFile_EachCarIsToldOnce()
    {
        Order order = await PushingAsync();

        await _redis.KillAsync();
        int told = _cars.Sum(car => car.Pushes);
        told.ShouldBeLessThan(Fleet);
        await _redis.StartAgainAsync(Token);
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > told, "sends go on");

        await EndsWithEachToldOnceAsync(order);
    }

    private async Task<Order> PushingAsync()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        _cars = TestPool.Cars(Fleet);
        await TestPool.ConnectAsync(a, _cars[..(Fleet / 2)]);
        await TestPool.ConnectAsync(b, _cars[(Fleet / 2)..]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), _cars, rate: 50), rate: 50);
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > Fleet / 10, "sends have begun");
        return order;
    }

    private async Task EndsWithEachToldOnceAsync(Order order)
    {
        await _pool.UntilDeliveredAsync(order, Fleet);
        _cars.ShouldAllBe(car => car.Pushes == 1);
        await _pool.AuditAsync(order, Fleet);
    }
}
