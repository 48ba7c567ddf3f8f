using System.Text.Json.Nodes;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>How fast a campaign goes, seen at the cars.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class PaceStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Ramp_BeginsSlowly_AndIsFastOnceCarsHaveIt()
    {
        Car[] cars = await PoolWithCarsAsync(300);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = JsonNode.Parse("""{"maxPerSecond":1000,"ramp":{"basePerSecond":4,"factor":10,"everyDelivered":12}}""") });
        await _stage.UntilPhaseAsync("Completed");

        long[] sent = [.. cars.SelectMany(car => car.PushedAt).Order()];
        sent.Length.ShouldBe(300);
        // Twelve are delivered before it becomes faster: at 4 a second that takes two seconds at least, at 1000 none at all.
        TimeProvider.System.GetElapsedTime(sent[0], sent[12]).ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        status["percentDelivered"]!.GetValue<int>().ShouldBe(100);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task MaxInFlight_SoManyInstallAtATime_AndTheNextIsToldWhenOneHas()
    {
        Car[] cars = await PoolWithCarsAsync(200);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = JsonNode.Parse("""{"maxPerSecond":1000,"maxInFlight":48}"""), ["delivery"] = JsonNode.Parse("""{"ackLevel":"Installed"}""") });
        string delivery = $"{_stage.Namespace}/brakes#1";

        // Each shard has three places, and twelve cars or so: they are soon taken.
        await TestPool.UntilAsync(async () => await _stage.CountAsync("inFlight") == 48, "all places are taken");
        cars.Sum(car => car.Pushes).ShouldBe(48);

        HashSet<Car> installed = [];
        await TestPool.UntilAsync(
            () =>
            {
                Car[] busy = [.. cars.Where(car => car.Pushes > 0 && !installed.Contains(car))];
                busy.Length.ShouldBeLessThanOrEqualTo(48);
                foreach (Car car in busy.Take(10))
                {
                    installed.Add(car);
                    car.Link.Acknowledge(delivery, AckStatus.Installed);
                }
                return installed.Count == cars.Length;
            },
            "every car has installed it");

        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
    }

    private async Task<Car[]> PoolWithCarsAsync(int count)
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(count);
        await TestPool.ConnectAsync(node, cars);
        return cars;
    }
}
