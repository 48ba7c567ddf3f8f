using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A rehearsal and then the real one, with an operator, a node and a real Redis.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class DryRunStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ADryRun_CountsEveryCar_TellsNone_AndTheRealOneTellsAll()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(40);
        await TestPool.ConnectAsync(node, cars);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new()
        {
            ["dryRun"] = true,
            ["rollout"] = new JsonObject { ["steps"] = new JsonArray(new JsonObject { ["count"] = 5, ["pauseSeconds"] = 1 }) },
        });

        await TestPool.UntilAsync(async () => await _stage.CountAsync("rehearsed") == 5, "the first step is gone through");
        Car late = new("late");
        await TestPool.ConnectAsync(node, [late]);
        late.Link.Welcomes.ShouldAllBe(welcome => welcome.Contains("\"pending\":0", StringComparison.Ordinal), "nothing will come");
        cars[0].Link.Acknowledge($"{_stage.Namespace}/brakes#1", PushPlatform.Delivery.Ledger.AckStatus.Received);
        await _stage.UntilPhaseAsync("Completed");

        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        status["message"]!.GetValue<string>().ShouldStartWith("Dry run: 41 of 41 would have been told");
        (status["counts"]!["delivered"]!.GetValue<long>(), status["counts"]!["rehearsed"]!.GetValue<long>()).ShouldBe((0, 41));
        cars.Append(late).ShouldAllBe(car => car.Pushes == 0);
        await _stage.AuditAsync();

        await _stage.PatchAsync("""{"spec":{"dryRun":false,"revision":2,"rollout":null}}""");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("delivered") == 41, "the real one tells all");
        cars.Append(late).ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync(revision: 2);
    }
}
