using System.Globalization;
using System.Text.Json.Nodes;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Quiet hours at the cars. Redis's clock ends them and nobody sets that one, so these last some seconds of real time.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class QuietHoursStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task CarsWhoseClocksShowNight_AreToldWhenItIsOver_AndNothingWaitsForThem()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] here = TestPool.Cars(20, "here");
        Car[] inTokyo = TestPool.Cars(20, "tokyo");
        Array.ForEach(inTokyo, car => car.Labels["timeZone"] = "Asia.Tokyo");
        inTokyo[0].Answer = null;
        await TestPool.ConnectAsync(node, [.. here, .. inTokyo]);
        await _stage.StartOperatorAsync();
        DateTimeOffset began = WholeSecond(TimeProvider.System.GetUtcNow()).AddMinutes(-1);
        await _stage.CreateCampaignAsync(new()
        {
            ["schedule"] = new JsonObject { ["quietHours"] = new JsonObject { ["from"] = Text(began), ["to"] = Text(began.AddHours(1)) } },
            ["delivery"] = new JsonObject { ["ackTimeoutSeconds"] = 1, ["maxAttempts"] = 100 },
        });

        await TestPool.UntilAsync(() => inTokyo.All(car => car.Pushes > 0), "it is day in Tokyo");
        here.ShouldAllBe(car => car.Pushes == 0);
        await TestPool.UntilAsync(async () => (await StatusAsync())["inQuietHours"]?.GetValue<int>() == 20, "the status counts those that wait");
        // One that is away and comes back, and one that moves to where it is night: neither is disturbed.
        here[0].Link.Leave();
        await TestPool.ConnectAsync(node, [here[0]]);
        here[0].Link.Welcomes.ShouldAllBe(welcome => welcome.Contains("\"pending\":0", StringComparison.Ordinal));
        inTokyo[0].Labels["timeZone"] = "UTC";
        node.Events.Relabelled(inTokyo[0].Link);
        DateTimeOffset moved = TimeProvider.System.GetUtcNow();
        await _stage.UntilPhaseAsync("CatchingUp");
        here.ShouldAllBe(car => car.Pushes == 0);

        DateTimeOffset ends = WholeSecond(TimeProvider.System.GetUtcNow()).AddSeconds(4);
        await _stage.PatchAsync(new JsonObject { ["spec"] = new JsonObject { ["schedule"] = new JsonObject { ["quietHours"] = new JsonObject { ["to"] = Text(ends) } } } }.ToJsonString());
        await TestPool.UntilAsync(() => here.All(car => car.Pushes > 0), "the night is over");
        SentAt(here).ShouldAllBe(at => at >= ends);
        SentAt([inTokyo[0]]).ShouldAllBe(at => at >= ends || at < moved.AddSeconds(2));
        inTokyo[0].Answer = AckStatus.Received;
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CountAsync("delivered")).ShouldBe(40);
        await _stage.AuditAsync();
    }

    private async Task<JsonNode> StatusAsync() => (await _stage.CampaignAsync())!["status"]!;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private static IEnumerable<DateTimeOffset> SentAt(IEnumerable<Car> cars)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long at = TimeProvider.System.GetTimestamp();
        return [.. cars.SelectMany(car => car.PushedAt).Select(sent => now - TimeProvider.System.GetElapsedTime(sent, at))];
    }
}
