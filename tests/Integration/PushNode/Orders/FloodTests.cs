using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>One car says more than a thousand others: what it costs is its own (G11).</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class FloodTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task OneCarFloodsAcksAndReports_TheOthersAreTold_AndRedisIsAskedNoMoreThanItsShareAllows()
    {
        BreakableLedger ledger = null!;
        OrdersNode node = await _pool.AddNodeAsync("a", real => ledger = new BreakableLedger(real));
        Car flooder = new("flooder") { Answer = null };
        Car[] others = TestPool.Cars(200);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), [flooder, .. others]));
        await TestPool.ConnectAsync(node, [flooder]);
        await TestPool.UntilAsync(() => flooder.Pushes == 1, "the flooder has its notice");

        using CancellationTokenSource enough = new();
        long began = TimeProvider.System.GetTimestamp();
        Task<int> flood = Task.Run(() => Flood(node, flooder, enough.Token));
        await TestPool.ConnectAsync(node, others);
        await _pool.UntilDeliveredAsync(order, 200);
        await enough.CancelAsync();
        int offered = await flood;
        TimeSpan took = TimeProvider.System.GetElapsedTime(began);

        others.ShouldAllBe(car => car.Pushes == 1);
        offered.ShouldBeGreaterThan(10_000);
        int batches = (int)(took.TotalMilliseconds / 19) + 2;
        ledger.Settlements.ShouldBeLessThanOrEqualTo(others.Length + (batches * AcksInHand.PerVehicle), "a share a batch, a batch in 20 ms");
        LedgerCounts counts = await _pool.CountsAsync(order);
        (counts.Targeted, counts.Failed + counts.Delivered + counts.Rejected).ShouldBe((201, 201));
        (await _pool.Store.Control.AuditAsync(order.Key(_pool.Name), CancellationToken.None)).Differences.ShouldBeEmpty();
    }

    private static int Flood(OrdersNode node, Car car, CancellationToken enough)
    {
        AckStatus[] statuses = Enum.GetValues<AckStatus>();
        int offered = 0;
        for (; offered <= 10_000 || !enough.IsCancellationRequested; offered++)
        {
            node.Events.Acked(car.Link, new AckFrame("hotfix#1", statuses[offered % statuses.Length], $"code-{offered}", null));
            node.Events.Acked(car.Link, new AckFrame($"another#{offered}", AckStatus.Failed, null, null));
            node.Events.Moved(car.Link);
            node.Events.Relabelled(car.Link);
        }

        return offered;
    }
}
