using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Windows at the cars. Redis's clock ends a window and nobody sets that one, so these windows last some seconds of real time.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class WindowStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task TheWindowClosesWhileNobodyIsThereToCloseIt_NothingLeavesAfterwards_AndItGoesOnInAnother()
    {
        Car[] cars = await PoolWithCarsAsync(300);
        Array.ForEach(cars[..40], car => car.Answer = null);
        IHost first = await _stage.StartOperatorAsync();
        DateTimeOffset closes = WholeSecond(TimeProvider.System.GetUtcNow()).AddSeconds(9);
        await _stage.CreateCampaignAsync(new()
        {
            ["pace"] = new JsonObject { ["maxPerSecond"] = 20 },
            ["delivery"] = new JsonObject { ["ackTimeoutSeconds"] = 2, ["maxAttempts"] = 100 },
            ["schedule"] = Windows(closes.AddMinutes(-1), closes),
        });
        await TestPool.UntilAsync(() => cars.Sum(car => car.Pushes) > 10, "it is being pushed");
        await _stage.StopOperatorAsync(first);

        await TestPool.UntilAsync(() => TimeProvider.System.GetUtcNow() > closes.AddSeconds(4), "four seconds after the window");
        int inside = cars.Sum(car => car.Pushes);
        SentAt(cars).ShouldAllBe(at => at < closes);
        inside.ShouldBeLessThan(300);

        await _stage.StartOperatorAsync();
        await _stage.UntilConditionAsync("Paused", "OutsideWindow");
        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        status["phase"]!.GetValue<string>().ShouldBe("Paused");
        status["nextWindow"]!["from"]!.GetValue<DateTimeOffset>().ShouldBe(closes.AddMinutes(-1).AddDays(1));

        Array.ForEach(cars, car => car.Answer = PushPlatform.Delivery.Ledger.AckStatus.Received);
        await _stage.PatchAsync(new JsonObject
        {
            ["spec"] = new JsonObject { ["schedule"] = Windows(closes.AddHours(-1), closes.AddHours(1)), ["pace"] = new JsonObject { ["maxPerSecond"] = 1000 } },
        }.ToJsonString());
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CountAsync("delivered")).ShouldBe(300);
        await _stage.AuditAsync();
        (await _stage.EventReasonsAsync()).ShouldContain("Paused");
    }

    [Fact]
    public async Task BeforeItsFirstWindow_NothingLeaves_AndThePreviewIsThere()
    {
        Car[] cars = await PoolWithCarsAsync(20);
        await _stage.StartOperatorAsync();
        DateTimeOffset opens = WholeSecond(TimeProvider.System.GetUtcNow()).AddSeconds(6);
        await _stage.CreateCampaignAsync(new() { ["schedule"] = Windows(opens, opens.AddHours(1)) });

        await _stage.UntilPhaseAsync("Scheduled");
        (await _stage.CampaignAsync())!["status"]!["preview"]!["online"]!.GetValue<int>().ShouldBe(20);
        await _stage.UntilPhaseAsync("Completed");

        SentAt(cars).ShouldAllBe(at => at >= opens);
        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    private async Task<Car[]> PoolWithCarsAsync(int count)
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(count);
        await TestPool.ConnectAsync(node, cars);
        return cars;
    }

    private static JsonObject Windows(DateTimeOffset from, DateTimeOffset to) => new()
    {
        ["windows"] = new JsonArray(new JsonObject { ["from"] = Text(from), ["to"] = Text(to), ["timeZone"] = "UTC" }),
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private static IEnumerable<DateTimeOffset> SentAt(IEnumerable<Car> cars)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long at = TimeProvider.System.GetTimestamp();
        return [.. cars.SelectMany(car => car.PushedAt).Select(sent => now - TimeProvider.System.GetElapsedTime(sent, at))];
    }
}
