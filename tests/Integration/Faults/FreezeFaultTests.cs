using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A node that walks the registry for a freeze, stalls with a page in its hands, and wakes when another has finished its work.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class FreezeFaultTests(SingleRedis redis) : IAsyncLifetime
{
    private const int Fleet = 100;

    private readonly TaskCompletionSource<int> _stalledAt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LedgerReply> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        _wake.TrySetResult();
        await _pool.DisposeAsync();
    }

    [Fact]
    public async Task WalkerStallsInMidShardAndWakesAfterTheFreeze_WhatItHadReadIsNotPutIn()
    {
        await _pool.AddNodeAsync("stalls", real => new BreakableLedger(real) { BeforeTarget = StallAsync, AfterTarget = reply => _answer.TrySetResult(reply) }, real => new Muted(real, _stalledAt.Task));
        OrdersNode other = await _pool.AddNodeAsync("other");
        Car[] cars = TestPool.Cars(Fleet);
        await TestPool.ConnectAsync(other, cars);

        Order order = await _pool.PublishAsync(await _pool.CreateLedgerAsync(TestPool.NewOrder(change: OnlyX7)));
        int shard = await _stalledAt.Task.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);
        // It was an x7 when its page was read, and is none when the other comes to it.
        Car changed = cars.First(car => Shards.Of(car.Vid) == shard);
        changed.Labels["model"] = "x8";
        await TestPool.ConnectAsync(other, [changed]);
        await TestPool.UntilAsync(
            async () => (await _pool.Store.Ledger.FrozenAsync(order.Key(_pool.Name), order.LedgerId, CancellationToken.None)).All(frozen => frozen), "the other has frozen it all");
        (await _pool.CountsAsync(order)).Targeted.ShouldBe(Fleet - 1);

        order = await _pool.OpenAsync(order);
        _wake.SetResult();
        (await _answer.Task.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken)).ShouldBe(LedgerReply.Frozen);
        await _pool.UntilDeliveredAsync(order, Fleet - 1);

        (await _pool.CountsAsync(order)).Targeted.ShouldBe(Fleet - 1);
        changed.Pushes.ShouldBe(0);
        cars.Except([changed]).ShouldAllBe(car => car.Pushes == 1);
        await _pool.AuditAsync(order, Fleet - 1);
    }

    private static Order OnlyX7(Order order) => order with
    {
        Filter = new TargetFilter { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["model"] = "x7" } } },
    };

    private async Task StallAsync(int shard)
    {
        _stalledAt.TrySetResult(shard);
        await _wake.Task;
    }

    /// <summary>Beats that nobody hears from a certain moment on: to the others it is dead.</summary>
    private sealed class Muted(INodeMembership real, Task from) : INodeMembership
    {
        public Task<BeatReply> BeatAsync(PoolName pool, NodeBeat beat, CancellationToken cancellationToken) =>
            from.IsCompleted ? throw new StoreUnavailableException("Nobody hears it.") : real.BeatAsync(pool, beat, cancellationToken);

        public Task<IReadOnlyList<NodeBeat>> LiveNodesAsync(PoolName pool, CancellationToken cancellationToken) => real.LiveNodesAsync(pool, cancellationToken);

        public Task LeaveAsync(PoolName pool, string node, CancellationToken cancellationToken) => real.LeaveAsync(pool, node, cancellationToken);

        public Task OperatorBeatAsync(PoolName pool, CancellationToken cancellationToken) => real.OperatorBeatAsync(pool, cancellationToken);
    }
}
