using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>Nodes and links that break at the worst moment.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class BreakdownTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task NodeKilledInMidPush_ItsCarsAreToldByTheOther()
    {
        OrdersNode a = await _pool.AddNodeAsync("a");
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(300);
        await TestPool.ConnectAsync(a, cars[..150]);
        await TestPool.ConnectAsync(b, cars[150..]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars, rate: 100), rate: 100);
        await TestPool.UntilAsync(() => cars[..150].Sum(car => car.Pushes) > 20, "sends have begun");

        await a.KillAsync();
        await _pool.SetGateAsync(order, open: true, rate: 1000);
        await TestPool.ConnectAsync(b, cars[..150]);
        await _pool.UntilDeliveredAsync(order, 300);

        cars.ShouldAllBe(car => car.Pushes >= 1);
        await _pool.AuditAsync(order, 300);
    }

    [Fact]
    public async Task ClaimAnswerLost_EachCarIsToldOnceAndUnderItsFirstAttempt()
    {
        BreakableLedger ledger = null!;
        OrdersNode node = await _pool.AddNodeAsync("a", real => ledger = new BreakableLedger(real));
        Car[] cars = TestPool.Cars(200);
        await TestPool.ConnectAsync(node, cars);
        ledger.LoseClaimAnswers(10);

        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await _pool.UntilDeliveredAsync(order, 200);

        ledger.ClaimAnswersLost.ShouldBe(10);
        cars.ShouldAllBe(car => car.Pushes == 1);
        (await _pool.RecordsAsync(order)).ShouldAllBe(record => record.Attempt == 1);
        await _pool.AuditAsync(order, 200);
    }

    [Fact]
    public async Task KilledBetweenClaimAndSend_CarIsToldByTheOther()
    {
        BreakableLedger ledger = null!;
        OrdersNode a = await _pool.AddNodeAsync("a", real => ledger = new BreakableLedger(real));
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(a, cars);
        ledger.LoseClaimAnswers(int.MaxValue);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await TestPool.UntilAsync(async () => (await _pool.CountsAsync(order)).InFlight == 20, "all are claimed");

        await a.KillAsync();
        cars.ShouldAllBe(car => car.Pushes == 0);
        await TestPool.ConnectAsync(b, cars);
        await _pool.UntilDeliveredAsync(order, 20);

        cars.ShouldAllBe(car => car.Pushes == 1);
        await _pool.AuditAsync(order, 20);
    }

    [Fact]
    public async Task KilledBetweenSendAndSettle_CarsThatSayTheyHaveItAreNotToldAgain()
    {
        BreakableLedger ledger = null!;
        OrdersNode a = await _pool.AddNodeAsync("a", real => ledger = new BreakableLedger(real));
        OrdersNode b = await _pool.AddNodeAsync("b");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(a, cars);
        ledger.SettlesNothing = true;
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await TestPool.UntilAsync(() => cars.All(car => car.Pushes == 1), "all are sent to");

        await a.KillAsync();
        (await _pool.CountsAsync(order)).InFlight.ShouldBe(20);
        foreach (Car car in cars[..10])
        {
            car.Seen.Add("hotfix#1");
        }

        await TestPool.ConnectAsync(b, cars);
        await _pool.UntilDeliveredAsync(order, 20);

        cars[..10].ShouldAllBe(car => car.Pushes == 1);
        cars[10..].ShouldAllBe(car => car.Pushes == 2);
        await _pool.AuditAsync(order, 20);
    }

    [Fact]
    public async Task LeaseAnswerTookTooLong_NothingIsSentUnderIt()
    {
        BreakableLedger ledger = null!;
        OrdersNode node = await _pool.AddNodeAsync("a", real => ledger = new BreakableLedger(real));
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(node, cars);
        ledger.LeaseDelay = Lease.Lifetime + TimeSpan.FromMilliseconds(50);

        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await Task.Delay(Lease.Lifetime * 3, TestContext.Current.CancellationToken);
        cars.ShouldAllBe(car => car.Pushes == 0);

        ledger.LeaseDelay = TimeSpan.Zero;
        await _pool.UntilDeliveredAsync(order, 20);
    }

    [Fact]
    public async Task NodeStopsInOrder_AcksInHandAreRecordedAndItIsNoMemberAnyMore()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(100);
        foreach (Car car in cars)
        {
            car.Answer = null;
        }

        await TestPool.ConnectAsync(node, cars);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars));
        await TestPool.UntilAsync(() => cars.All(car => car.Pushes == 1), "all are sent to");
        foreach (Car car in cars)
        {
            car.Link.Acknowledge("hotfix#1", AckStatus.Received);
            car.Link.Leave();
        }

        await node.StopAsync();

        await _pool.AuditAsync(order, 100);
        (await _pool.Store.Nodes.LiveNodesAsync(_pool.Name, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await foreach (var page in _pool.Store.Vehicles.WalkAsync(_pool.Name, 0, TimeSpan.FromDays(1), TestContext.Current.CancellationToken))
        {
            page.ShouldAllBe(vehicle => vehicle.Holder == null);
        }
    }
}

/// <summary>A node without Redis. On a Redis of its own, which it stops.</summary>
public sealed class CutOffTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _pool = await TestPool.StartAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RedisAwayFor5Seconds_NothingIsSentMeanwhileAndItGoesOnAfterwards(bool hangs)
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car[] cars = TestPool.Cars(600);
        await TestPool.ConnectAsync(node, cars[..500]);
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(), cars, rate: 50), rate: 50);
        await TestPool.UntilAsync(() => cars.Sum(car => car.Pushes) > 20, "sends have begun");

        if (hangs)
        {
            _redis.Pause();
        }
        else
        {
            await _redis.StopAsync();
        }

        long gone = TimeProvider.System.GetTimestamp();
        await TestPool.UntilAsync(() => node.Beats.CutOff, "the node knows that it is cut off");
        CarLink[] late = [.. cars[500..].Select(car => car.ConnectTo(node))];
        await TestPool.UntilAsync(() => late.All(link => link.Welcomes.Any()), "newcomers are welcomed without Redis");
        late.ShouldAllBe(link => !link.IsWelcome);
        await Task.Delay(TimeSpan.FromSeconds(5) - TimeProvider.System.GetElapsedTime(gone) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero);
        cars.SelectMany(car => car.PushedAt).Max().ShouldBeLessThan(gone + TimeProvider.System.TimestampFrequency);
        node.Health.Faults.ShouldContain(fault => fault.Part == "redis" && !fault.Blocks);

        if (hangs)
        {
            _redis.Resume();
        }
        else
        {
            await _redis.StartAgainAsync(TestContext.Current.CancellationToken);
        }

        await TestPool.UntilAsync(() => !node.Beats.CutOff, "the node is back");
        await _pool.SetGateAsync(order, open: true, rate: 2000);
        await _pool.UntilDeliveredAsync(order, 600);
        await TestPool.UntilAsync(() => late.All(link => link.Welcomes.Count() == 2 && link.IsWelcome), "each newcomer has its second welcome");
        await _pool.AuditAsync(order, 600);
        node.Health.Faults.ShouldBeEmpty();
    }
}
