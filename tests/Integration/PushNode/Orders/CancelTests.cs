using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>Nodes that tell cars to forget what was taken back.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class CancelTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task EachConnectedCarThatHasIt_IsToldOnce_AndNobodyIsPushedTo()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] told = TestPool.Cars(40);
        Car[] others = TestPool.Cars(10, "other");
        await TestPool.ConnectAsync(a, told[..20]);
        await TestPool.ConnectAsync(b, told[20..]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), [.. told, .. others]));
        await _pool.UntilDeliveredAsync(order, 40);

        await CancelAsync(order);
        await TestPool.ConnectAsync(a, others);

        await UntilCountsAsync(order, cancelling: 0, cancelled: 40);
        told.ShouldAllBe(car => car.Cancels == 1 && car.Pushes == 1);
        others.ShouldAllBe(car => car.Cancels == 0 && car.Pushes == 0);
        await _pool.AuditAsync(order, 40);
    }

    [Fact]
    public async Task CarThatDoesNotAnswer_IsToldAgainWhenItComesBack_AndNotBefore()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car car = TestPool.Cars(1)[0];
        car.AnswerToCancel = AckStatus.Received;
        await TestPool.ConnectAsync(node, [car]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), [car]));
        await _pool.UntilDeliveredAsync(order, 1);
        order = await CancelAsync(order);
        await TestPool.UntilAsync(() => car.Cancels == 1 && node.Campaigns.Running.Single().Roster.Count().Open == 0, "it is told, and says what it has");

        // Each change of the order has every car looked at again.
        order = await _pool.PublishAsync(order with { Priority = 501 });
        await TestPool.UntilAsync(() => node.Campaigns.Running.Single().Roster.Count().Open == 1, "it is known not to have forgotten it");
        car.AnswerToCancel = AckStatus.Cancelled;
        car.Link.Leave();
        await TestPool.ConnectAsync(node, [car]);

        await UntilCountsAsync(order, cancelling: 0, cancelled: 1);
        car.Cancels.ShouldBe(2);
    }

    [Fact]
    public async Task PaceIsShut_NobodyIsTold()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(5);
        await TestPool.ConnectAsync(node, cars);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await _pool.UntilDeliveredAsync(order, 5);
        order = await CancelAsync(order, shut: true);
        await TestPool.UntilAsync(() => node.Campaigns.Running is [{ } runner] && runner.Roster.Cancellable(10) == 5, "they wait for a lease");

        cars.ShouldAllBe(car => car.Cancels == 0);
        await SetPaceAsync(order, cancels: true);
        await UntilCountsAsync(order, cancelling: 0, cancelled: 5);
    }

    /// <summary>As the operator does it: the gate is shut, what is open ends, whoever has it is marked, and the order says so.</summary>
    private async Task<Order> CancelAsync(Order order, bool shut = false)
    {
        await SetPaceAsync(order, cancels: false);
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            await _pool.Store.Control.EndAsync(order.Key(_pool.Name), order.LedgerId, shard, EndOpen.AllExpired, CancellationToken.None);
            await _pool.Store.Control.MarkCancelledAsync(order.Key(_pool.Name), order.LedgerId, shard, CancellationToken.None);
        }
        await SetPaceAsync(order, cancels: !shut);
        return await _pool.PublishAsync(order with { Gate = Gate.Paused, Cancels = true, Notice = "" });
    }

    private async Task SetPaceAsync(Order order, bool cancels) => (await _pool.Store.Control.SetPaceAsync(
        order.Key(_pool.Name), order.LedgerId, new Pace(false, 1000, DateTimeOffset.UnixEpoch.AddYears(200), Supervised: false, Cancels: cancels), CancellationToken.None)).ShouldBeTrue();

    private async Task UntilCountsAsync(Order order, int cancelling, int cancelled)
    {
        LedgerCounts last = LedgerCounts.Zero;
        await TestPool.UntilAsync(async () => ((last = await _pool.CountsAsync(order)).Cancelling, last.Cancelled) == (cancelling, cancelled), $"{cancelled} have forgotten it, got {last}");
    }
}
