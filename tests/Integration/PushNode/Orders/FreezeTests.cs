using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>Previews and freezes: the registry walked by the nodes.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class FreezeTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task Freeze_TwoWalkers_PutsInEachKnownMatchingCarOnce()
    {
        (OrdersNode a, Car[] cars) = await PopulateAsync();
        OrdersNode b = await _pool.AddNodeAsync("b");
        cars[0].Link.Leave();
        cars[1].Link.Leave();

        Order order = await _pool.PublishAsync(await _pool.CreateLedgerAsync(OnlyX7()));
        await UntilFrozenAsync(order);

        (await _pool.CountsAsync(order)).Targeted.ShouldBe(90);
        (await _pool.RecordsAsync(order)).Select(record => record.Vid).ShouldBe(cars[..90].Select(car => car.Vid), ignoreOrder: true);

        order = await _pool.OpenAsync(order);
        await _pool.UntilDeliveredAsync(order, 88);
        await TestPool.ConnectAsync(b, cars[..2]);
        await _pool.UntilDeliveredAsync(order, 90);

        cars[..90].ShouldAllBe(car => car.Pushes == 1);
        cars[90..].ShouldAllBe(car => car.Pushes == 0);
        await _pool.AuditAsync(order, 90);
        (await _pool.CountsAsync(order)).CaughtUp.ShouldBe(2);
        a.Health.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Freeze_TwoNodesThatDoNotKnowOfEachOther_WalkEachShardAtOnceAndPutEachCarInOnce()
    {
        (OrdersNode first, Car[] cars) = await PopulateAsync();
        await first.StopAsync();
        // Both are about to put the cars of a shard in before either has.
        TwoMeet[] meetings = [.. Enumerable.Range(0, Shards.Count).Select(_ => new TwoMeet())];
        IDeliveryLedger Meeting(IDeliveryLedger real) => new BreakableLedger(real) { BeforeTarget = shard => meetings[shard].MeetAsync() };
        await _pool.AddNodeAsync("b", Meeting, real => new Alone(real));
        await _pool.AddNodeAsync("c", Meeting, real => new Alone(real));

        Order order = await _pool.PublishAsync(await _pool.CreateLedgerAsync(OnlyX7()));
        await UntilFrozenAsync(order);

        meetings.ShouldAllBe(meeting => meeting.Met);
        (await _pool.RecordsAsync(order)).Select(record => record.Vid).ShouldBe(cars[..90].Select(car => car.Vid), ignoreOrder: true);
        (await _pool.CountsAsync(order)).Targeted.ShouldBe(90);
        await _pool.AuditAsync(order, delivered: 0);
    }

    [Fact]
    public async Task Freeze_CarThatFirstAppearsAfterTheStart_IsNotPutIn()
    {
        (OrdersNode node, _) = await PopulateAsync();
        Order order = await _pool.CreateLedgerAsync(OnlyX7());
        await TestPool.ConnectAsync(node, TestPool.Cars(10, "late"));

        order = await _pool.PublishAsync(order);
        await UntilFrozenAsync(order);

        (await _pool.CountsAsync(order)).Targeted.ShouldBe(90);
    }

    [Fact]
    public async Task Preview_CountsKnownCarsByShardAndOnlineOnesByNode()
    {
        (OrdersNode node, Car[] cars) = await PopulateAsync();
        cars[0].Link.Leave();
        Order order = await _pool.PublishAsync(OnlyX7());

        IReadOnlyList<PreviewShard> preview = [];
        await TestPool.UntilAsync(
            async () => (preview = await _pool.Store.Orders.ReadPreviewAsync(_pool.Name, order.CampaignId, CancellationToken.None)).Count == Shards.Count,
            "every shard is counted");
        preview.Sum(shard => shard.Matched).ShouldBe(90);
        preview.ShouldAllBe(shard => shard.Generation == 1 && shard.OwnerUid == order.OwnerUid);

        await TestPool.UntilAsync(
            async () => (await _pool.Store.Nodes.LiveNodesAsync(_pool.Name, CancellationToken.None))
                .Any(beat => beat.Node == node.Name && beat.Orders.Any(progress => progress.Seq == order.Seq && progress.Online == 89)),
            "the node says how many are online");
    }

    [Fact]
    public async Task Preview_ChangedOrder_IsCountedAnew()
    {
        await PopulateAsync();
        Order order = await _pool.PublishAsync(OnlyX7());
        await TestPool.UntilAsync(async () => await MatchedAsync(order, generation: 1) == 90, "the first preview");

        await _pool.PublishAsync(order with { Generation = 2, Filter = new TargetFilter() });

        await TestPool.UntilAsync(async () => await MatchedAsync(order, generation: 2) == 100, "the second preview");
    }

    /// <summary>The first waits for the second.</summary>
    private sealed class TwoMeet
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _came;

        public bool Met => _both.Task.IsCompleted;

        public Task MeetAsync()
        {
            if (Interlocked.Increment(ref _came) == 2)
            {
                _both.SetResult();
            }

            return _both.Task;
        }
    }

    /// <summary>Sees no live node but itself, as for a moment while another joins.</summary>
    private sealed class Alone(INodeMembership real) : INodeMembership
    {
        private volatile string? _self;

        public Task<BeatReply> BeatAsync(PoolName pool, NodeBeat beat, CancellationToken cancellationToken)
        {
            _self = beat.Node;
            return real.BeatAsync(pool, beat, cancellationToken);
        }

        public async Task<IReadOnlyList<NodeBeat>> LiveNodesAsync(PoolName pool, CancellationToken cancellationToken) =>
            [.. (await real.LiveNodesAsync(pool, cancellationToken)).Where(beat => beat.Node == _self)];

        public Task LeaveAsync(PoolName pool, string node, CancellationToken cancellationToken) => real.LeaveAsync(pool, node, cancellationToken);

        public Task OperatorBeatAsync(PoolName pool, CancellationToken cancellationToken) => real.OperatorBeatAsync(pool, cancellationToken);
    }

    private static Order OnlyX7() => TestPool.NewOrder(change: order => order with
    {
        Filter = new TargetFilter { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["model"] = "x7" } } },
    });

    private async Task<(OrdersNode Node, Car[] Cars)> PopulateAsync()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(100);
        foreach (Car car in cars[90..])
        {
            car.Labels["model"] = "x8";
        }

        await TestPool.ConnectAsync(node, cars);
        return (node, cars);
    }

    private Task UntilFrozenAsync(Order order) => TestPool.UntilAsync(
        async () => (await _pool.Store.Ledger.FrozenAsync(order.Key(_pool.Name), order.LedgerId, CancellationToken.None)).All(frozen => frozen), "every shard is frozen");

    private async Task<long> MatchedAsync(Order order, long generation)
    {
        IReadOnlyList<PreviewShard> preview = await _pool.Store.Orders.ReadPreviewAsync(_pool.Name, order.CampaignId, CancellationToken.None);
        return preview.Count == Shards.Count && preview.All(shard => shard.Generation == generation) ? preview.Sum(shard => shard.Matched) : -1;
    }
}
