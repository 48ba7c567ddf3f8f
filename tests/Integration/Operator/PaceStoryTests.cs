using System.Text.Json.Nodes;
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

    private async Task<Car[]> PoolWithCarsAsync(int count)
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(count);
        await TestPool.ConnectAsync(node, cars);
        return cars;
    }
}
