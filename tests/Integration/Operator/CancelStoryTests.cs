using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A patch turns out to be bad and is taken back.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class CancelStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task TenWereTold_ThreeHaveInstalledIt_TwoAreAway_TheSevenForgetIt_AndNobodyNewIsTold()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] told = TestPool.Cars(10);
        Array.ForEach(told[..3], car => car.Answer = AckStatus.Installed);
        await TestPool.ConnectAsync(node, told);
        IHost first = await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["rollout"] = JsonNode.Parse("""{"steps":[{"count":10,"untilPromoted":true}]}""") });
        await TestPool.UntilAsync(async () => await _stage.CountAsync("delivered") == 10, "ten are told");
        Car[] others = TestPool.Cars(5, "later");
        await TestPool.ConnectAsync(node, others);
        Car[] away = told[8..];
        Array.ForEach(away, car => car.Link.Leave());

        await _stage.PatchAsync("""{"spec":{"cancel":true}}""");
        await _stage.UntilConditionAsync("Complete", "Cancelled");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("cancelled") == 5, "five have forgotten it at once");
        (await _stage.CountAsync("cancelling")).ShouldBe(2);
        await _stage.UntilPhaseAsync("Aborted");

        // Those that are away are told by the nodes, whoever leads meanwhile.
        await _stage.StopOperatorAsync(first);
        await TestPool.ConnectAsync(node, away);
        await TestPool.UntilAsync(() => Array.TrueForAll(away, car => car.Cancels == 1), "the two are told");
        await _stage.StartOperatorAsync();
        await TestPool.UntilAsync(async () => await _stage.CountAsync("cancelled") == 7, "all seven have forgotten it");

        (await _stage.CountAsync("cancelling")).ShouldBe(0);
        (await _stage.CountAsync("delivered")).ShouldBe(10, "they were told");
        told[..3].ShouldAllBe(car => car.Cancels == 0, "what is installed is installed");
        told[3..].ShouldAllBe(car => car.Cancels == 1 && car.Pushes == 1);
        others.ShouldAllBe(car => car.Cancels == 0 && car.Pushes == 0);
        await TestPool.UntilAsync(() => node.Board.Current.ByPriority.IsEmpty, "the telling is over");
        (await _stage.EventReasonsAsync()).ShouldContain("Cancelled");
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task ItIsOverAlready_TheCarsThatHaveItForgetIt_AndABetterOneGoesOut()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(6);
        await TestPool.ConnectAsync(node, cars);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["targets"] = new JsonObject { ["vids"] = new JsonArray([.. cars.Select(car => JsonValue.Create(car.Vid))]) } });
        await _stage.UntilPhaseAsync("Completed");
        cars[0].Link.Leave();

        await _stage.PatchAsync("""{"spec":{"cancel":true}}""");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("cancelled") == 5, "those that are online have forgotten it");
        await _stage.UntilPhaseAsync("Aborted");

        // One is still to answer: a higher revision does not wait for it.
        await _stage.PatchAsync("""{"spec":{"cancel":false,"revision":2,"patch":{"version":"4.2.2"}}}""");
        await TestPool.UntilAsync(() => Array.TrueForAll(cars[1..], car => car.Pushes == 2), "the better one goes out");
        await TestPool.ConnectAsync(node, cars[..1]);
        await _stage.UntilPhaseAsync("Completed");
        (cars[0].Cancels, cars[0].Pushes).ShouldBe((0, 2));
        LedgerReading old = (await redis.Store.Control.ReadAsync(new CampaignKey(_stage.Pool, $"{_stage.Namespace}/brakes", 1), CancellationToken.None))!;
        old.Pace.ShouldNotBeNull().IsShut.ShouldBeTrue("or a node that hears nothing would go on telling");
        await _stage.AuditAsync(1);
        await _stage.AuditAsync(2);
    }
}
