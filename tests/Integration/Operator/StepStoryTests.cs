using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Campaigns that spread step by step, with the real executable, two nodes and a real Redis: so many cars are told and not one more.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class StepStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private const int Fleet = 300;
    private const int Away = 40;
    private static readonly TimeSpan Soak = TimeSpan.FromSeconds(3);

    private OperatorStage _stage = null!;
    private OrdersNode _node = null!;
    private Car[] _cars = [];

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        await _stage.CreatePoolAsync();
        _node = await _stage.AddNodeAsync("node-a");
        OrdersNode other = await _stage.AddNodeAsync("node-b");
        _cars = TestPool.Cars(Fleet);
        await TestPool.ConnectAsync(_node, _cars[..(Fleet / 2)]);
        await TestPool.ConnectAsync(other, _cars[(Fleet / 2)..]);
        Array.ForEach(_cars[^Away..], car => car.Link.Leave());
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task OnePercent_TenPercent_All_TheOperatorKilledInMidStep_EachStepIsExactAndSoaksInFull()
    {
        OperatorProcess first = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the first operator leads");
        await _stage.CreateCampaignAsync(new()
        {
            ["pace"] = new JsonObject { ["maxPerSecond"] = 5 },
            ["rollout"] = new JsonObject { ["steps"] = new JsonArray(Step(1), Step(10), Step(100)) },
        });
        await TestPool.UntilAsync(() => Told.Length > 6, "step 2 is being told");

        await first.KillAsync();
        Told.Length.ShouldBeLessThan(30, "or it was not killed in the middle of step 2");
        await _stage.DropLeaseAsync();
        OperatorProcess second = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(() => Told.Length >= 30, $"step 2 is told: {second.Log}");
        await _stage.PatchAsync("""{"spec":{"pace":{"maxPerSecond":1000}}}""");
        await TestPool.UntilAsync(() => Told.Length == Fleet - Away, "all that are online are told, though others are away");
        await TestPool.ConnectAsync(_node, _cars[^Away..]);
        await _stage.UntilPhaseAsync("Completed");

        _cars.ShouldAllBe(car => car.Pushes == 1);
        long[] told = Told;
        TimeProvider.System.GetElapsedTime(told[2], told[3]).ShouldBeGreaterThan(Soak, "nobody is told while step 1 is looked at");
        TimeProvider.System.GetElapsedTime(told[29], told[30]).ShouldBeGreaterThan(Soak, "nor in step 2, whoever began it");
        JsonArray steps = (await _stage.CampaignAsync())!["status"]!["steps"]!.AsArray();
        // The rest opens when the last soak ends before the last car is back, and is then told to nobody.
        steps.Take(3).Select(step => step!["state"]!.GetValue<string>()).ShouldBe(["Done", "Done", "Done"]);
        steps.Take(2).Select(step => step!["attempted"]!.GetValue<long>()).ShouldBe([3, 27]);
        steps.Sum(step => step!["delivered"]!.GetValue<long>()).ShouldBe(Fleet);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task TheFirstCarsFail_NobodyElseIsTold_AndAFixedRevisionGoesToAll()
    {
        Array.ForEach(_cars, car => car.Answer = PushPlatform.Delivery.Ledger.AckStatus.Failed);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["rollout"] = new JsonObject { ["steps"] = new JsonArray(Step(5)) } });
        await _stage.UntilConditionAsync("Paused", "StepUnsuccessful");
        Told.Length.ShouldBe(15);
        (await _stage.CountAsync("failed")).ShouldBe(15);

        Array.ForEach(_cars, car => car.Answer = PushPlatform.Delivery.Ledger.AckStatus.Received);
        await _stage.PatchAsync("""{"spec":{"revision":2,"patch":{"version":"4.2.2"}}}""");
        await TestPool.UntilAsync(() => Told.Length == 15 + Fleet - Away, "the fixed one goes to all that are online");

        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Contains("Paused"), "events are written in the background");
        await _stage.UntilPhaseAsync("CatchingUp");
        await _stage.AuditAsync(revision: 2);
    }

    [Fact]
    public async Task AStepWaitsForAPerson_WhoPromotesItOnce_AndThenAll()
    {
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new()
        {
            ["rollout"] = new JsonObject { ["steps"] = new JsonArray(UntilPromoted(1), UntilPromoted(10), UntilPromoted(50)) },
        });
        await _stage.UntilConditionAsync("Paused", "AwaitingPromotion");
        Told.Length.ShouldBe(3);

        string name = await _stage.ApproveAsync("ada", verb: "Promote");
        (await _stage.VerdictAsync(name)).ShouldBe(("True", "Accepted"));
        await TestPool.UntilAsync(async () => (await StepAsync(2))["state"]!.GetValue<string>() == "AwaitingPromotion", "step 2 has told its cars");
        Told.Length.ShouldBe(30);
        (await StepAsync(1))["promotedBy"]!.GetValue<string>().ShouldBe(name);

        await _stage.ApproveAsync("bob", verb: "PromoteAll");
        await TestPool.UntilAsync(() => Told.Length == Fleet - Away, "all that are online are told");
        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Count(reason => reason == "Promoted") == 2, "events are written in the background");
        _cars.ShouldAllBe(car => car.Pushes <= 1);
        await _stage.AuditAsync();
    }

    private async Task<JsonNode> StepAsync(int number) => (await _stage.CampaignAsync())!["status"]!["steps"]![number - 1]!;

    private static JsonObject UntilPromoted(int percent) => new() { ["percent"] = percent, ["untilPromoted"] = true };

    private static JsonObject Step(int percent) => new() { ["percent"] = percent, ["pauseSeconds"] = (int)Soak.TotalSeconds };

    /// <summary>When the notices arrived, in order.</summary>
    private long[] Told => [.. _cars.SelectMany(car => car.PushedAt).Order()];
}
