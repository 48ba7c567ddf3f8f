using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Somebody wrote into Redis: the operator names it in a condition, mends what it can, and no other campaign waits for it.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class GarbageStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    private IDatabase Raw => redis.Raw.GetDatabase();

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task AnOrderIsNone_TheOperatorWritesItAnew()
    {
        (OrdersNode node, Car[] cars) = await RunningCampaignAsync();
        foreach (string garbage in (string[])["nonsense", "17|uid|1|1|{}"])
        {
            await Raw.HashSetAsync(PushKeys.Orders(_stage.Pool), Id("brakes"), garbage);
            await TestPool.UntilAsync(async () => (await BookAsync()).Orders.Any(order => order.CampaignId == Id("brakes")), "the order is readable again");
            (await BookAsync()).Unreadable.ShouldBeEmpty();
        }

        await TestPool.ConnectAsync(node, cars[..5]);
        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task AHeaderIsNone_ItsCampaignIsStalled_TheNextOneRuns()
    {
        (_, Car[] cars) = await RunningCampaignAsync();
        RedisKey header = PushKeys.Header(new CampaignKey(_stage.Pool, Id("brakes"), 1), 3);
        await Raw.HashSetAsync(header, "pending", "nonsense");
        await _stage.UntilConditionAsync("Stalled", "LedgerLost");

        await _stage.CreateCampaignAsync(name: "steering");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("delivered", "steering") == 15, "the other campaign runs");
        cars[5..].ShouldAllBe(car => car.Pushes == 2);
    }

    [Fact]
    public async Task TheBookIsNone_IsNamed_AndGoesOnWhenTheKeyIsGone()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(10);
        await TestPool.ConnectAsync(node, cars);
        await Raw.StringSetAsync(PushKeys.Orders(_stage.Pool), "nonsense");
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();

        await _stage.UntilConditionAsync("Ready", "RedisUnavailable");
        JsonArray conditions = (await _stage.CampaignAsync())!["status"]!["conditions"]!.AsArray();
        conditions.Single(condition => (string?)condition!["type"] == "Ready")!["message"]!.GetValue<string>().ShouldContain($"{_stage.Pool}}}:orders");

        await Raw.KeyDeleteAsync(PushKeys.Orders(_stage.Pool));
        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    /// <summary>Twenty cars, five of them away: the campaign waits for those.</summary>
    private async Task<(OrdersNode Node, Car[] Cars)> RunningCampaignAsync()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(node, cars);
        Array.ForEach(cars[..5], car => car.Link.Leave());
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");
        return (node, cars);
    }

    private string Id(string name) => $"{_stage.Namespace}/{name}";

    private Task<OrderBookPage> BookAsync() => redis.Store.Orders.ReadAsync(_stage.Pool, CancellationToken.None);
}
