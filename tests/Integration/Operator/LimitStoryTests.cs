using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Campaigns that stop by themselves, from the cars' answers to the gate and back to the status.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class LimitStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task APatchThatFails_PausesByItself_StaysPausedAcrossANewOperator_AndGoesOnWhenAPersonSaysSo()
    {
        Car[] cars = await PoolWithCarsAsync(200);
        Array.ForEach(cars, car => car.Answer = AckStatus.Failed);
        IHost first = await _stage.StartOperatorAsync();
        await CreateAsync(new JsonObject { ["failure"] = "Failed", ["percent"] = 20, ["minSamples"] = 10, ["windowSeconds"] = 600 });

        await _stage.UntilConditionAsync("Paused", "LimitExceeded");
        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        status["limits"]!["windows"]![0]!["samples"]![0]!["at"].ShouldNotBeNull("what a new operator judges from");
        status["limits"]!["exceeded"]!["cars"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(10);
        long told = await SettledAsync(cars);
        told.ShouldBeLessThan(200);
        await _stage.StopOperatorAsync(first);

        await _stage.StartOperatorAsync();
        long asked = TimeProvider.System.GetTimestamp();
        await TestPool.UntilAsync(() => TimeProvider.System.GetElapsedTime(asked) > TimeSpan.FromSeconds(3), "three seconds pass");
        cars.Sum(car => car.Pushes).ShouldBe((int)told, "a new operator finds it paused");

        Array.ForEach(cars, car => car.Answer = AckStatus.Received);
        await _stage.PatchAsync("""{"spec":{"resume":1,"pace":{"maxPerSecond":1000}}}""");
        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
        (await _stage.CountAsync("failed")).ShouldBe(told);
        (await _stage.EventReasonsAsync()).ShouldContain("Resumed");
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task CarsThatDoNotWantIt_AbortForGood_AndTheEndSaysWhy()
    {
        Car[] cars = await PoolWithCarsAsync(200);
        Array.ForEach(cars, car => car.Answer = AckStatus.Rejected);
        await _stage.StartOperatorAsync();
        await CreateAsync(new JsonObject { ["failure"] = "Rejected", ["percent"] = 50, ["minSamples"] = 5, ["action"] = "Abort" });

        await _stage.UntilPhaseAsync("Aborted");
        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        status["abortReason"]!.GetValue<string>().ShouldBe("LimitExceeded");
        status["message"]!.GetValue<string>().ShouldContain("more than the 50 % of spec.rollout.abortWhen");
        cars.Sum(car => car.Pushes).ShouldBeLessThan(200);
        (await _stage.CountAsync("expired")).ShouldBe(200 - cars.Sum(car => car.Pushes));
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task CarsThatStaySilent_CountOnlyWhenTheirAttemptsAreUsedUp()
    {
        Car[] cars = await PoolWithCarsAsync(60);
        Array.ForEach(cars, car => car.Answer = null);
        await _stage.StartOperatorAsync();
        await CreateAsync(new JsonObject { ["failure"] = "NoAck", ["percent"] = 0, ["minSamples"] = 1 }, new() { ["ackTimeoutSeconds"] = 1, ["maxAttempts"] = 2 });

        await _stage.UntilConditionAsync("Paused", "LimitExceeded");
        cars.Count(car => car.Pushes > 0).ShouldBeLessThan(60);
        cars.ShouldContain(car => car.Pushes == 2);
        await _stage.AuditAsync();
    }

    private Task CreateAsync(JsonObject limit, JsonObject? delivery = null) => _stage.CreateCampaignAsync(new()
    {
        ["pace"] = new JsonObject { ["maxPerSecond"] = 20 },
        ["delivery"] = delivery ?? [],
        ["rollout"] = new JsonObject { ["abortWhen"] = new JsonArray(limit) },
    });

    /// <summary>What was under way when it stopped has left by then: leases last half a second.</summary>
    private static async Task<long> SettledAsync(Car[] cars)
    {
        long asked = TimeProvider.System.GetTimestamp();
        await TestPool.UntilAsync(() => TimeProvider.System.GetElapsedTime(asked) > TimeSpan.FromSeconds(1), "leases run out");
        return cars.Sum(car => car.Pushes);
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
