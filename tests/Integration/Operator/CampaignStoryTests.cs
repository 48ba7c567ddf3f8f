using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Campaigns from the resource to the car and back to the status, with a real operator, real nodes' order execution and a real Redis.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class CampaignStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private readonly InMemoryOrderBus _bus = new();
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis, bus: _bus);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task AWholeLife_FromPreviewToTheLastCar_TellsItsStory()
    {
        (OrdersNode node, Car[] cars) = await PoolWithCarsAsync(40);
        Car[] away = cars[..5];
        Array.ForEach(away, car => car.Link.Leave());
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["suspend"] = true });

        await TestPool.UntilAsync(async () => Preview(await _stage.CampaignAsync()) == (40, 35), "preview 35 of 40");
        await _stage.UntilPhaseAsync("Suspended");
        cars.Sum(car => car.Pushes).ShouldBe(0);

        await _stage.PatchAsync("""{"spec":{"suspend":false}}""");
        await _stage.UntilPhaseAsync("CatchingUp");
        (await _stage.CountAsync("delivered")).ShouldBe(35);

        await TestPool.ConnectAsync(node, away);
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CountAsync("delivered")).ShouldBe(40);
        (await _stage.CountAsync("caughtUp")).ShouldBe(5);
        cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
        await _stage.UntilConditionAsync("Complete", "Succeeded");
        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Contains("Completed"), "events are written in the background");
        // In the order of their names, which is the order that kubectl describe shows them in.
        (await _stage.EventReasonsAsync()).ShouldBe(["Suspended", "PreviewReady", "Resumed", "Started", "Pushed", "Completed"]);
    }

    [Fact]
    public async Task Suspend_EndsSendsWithinTwoSeconds_AlsoWithADeadBus_AndGoesOn()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(200);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 20 } });
        await TestPool.UntilAsync(() => cars.Sum(car => car.Pushes) > 10, "it is being pushed");

        _bus.LoseEverything = true;
        await _stage.PatchAsync("""{"spec":{"suspend":true}}""");
        long asked = TimeProvider.System.GetTimestamp();
        await _stage.UntilPhaseAsync("Suspended");
        await TestPool.UntilAsync(() => TimeProvider.System.GetElapsedTime(asked) > TimeSpan.FromSeconds(4), "four seconds pass");
        cars.SelectMany(car => car.PushedAt).ShouldAllBe(at => TimeProvider.System.GetElapsedTime(asked, at) < TimeSpan.FromSeconds(2));

        int before = cars.Sum(car => car.Pushes);
        before.ShouldBeLessThan(200);
        await _stage.PatchAsync("""{"spec":{"suspend":false,"pace":{"maxPerSecond":1000}}}""");
        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task DeleteAndApplyAgain_SendsNothing_AndARaisedRevisionDoes()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(10);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");

        await _stage.DeleteCampaignAsync();
        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "the finalizer lets it go");
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CountAsync("delivered")).ShouldBe(10);
        cars.ShouldAllBe(car => car.Pushes == 1);

        await _stage.PatchAsync("""{"spec":{"revision":2}}""");
        await TestPool.UntilAsync(() => cars.All(car => car.Pushes == 2), "revision 2 reaches every car");
    }

    [Fact]
    public async Task ARaisedRevisionWhileItRuns_TheLedgerOfTheOldOneIsKeptForAWhile_NotForGood()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(2);
        cars[0].Link.Leave();
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");
        await _stage.PatchAsync("""{"spec":{"revision":2}}""");
        await TestPool.UntilAsync(() => cars[1].Pushes == 2, "revision 2 reaches the car that is there");

        CampaignKey old = new(_stage.Pool, $"{_stage.Namespace}/brakes", 1);
        foreach (RedisKey key in (RedisKey[])[PushKeys.Pace(old), .. Enumerable.Range(0, Shards.Count).Select(shard => PushKeys.Header(old, shard))])
        {
            (await redis.Raw.GetDatabase().KeyTimeToLiveAsync(key)).ShouldNotBeNull(key).ShouldBeInRange(TimeSpan.FromDays(89), TimeSpan.FromDays(90));
        }
    }

    [Fact]
    public async Task DeletedInFullFlight_StopsAndLetsGo()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(200);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 20 } });
        await TestPool.UntilAsync(() => cars.Any(car => car.Pushes > 0), "it is being pushed");

        await _stage.DeleteCampaignAsync();
        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "the finalizer lets it go");

        cars.Sum(car => car.Pushes).ShouldBeLessThan(200);
        (await redis.Store.Orders.ReadAsync(_stage.Pool, CancellationToken.None)).Orders.ShouldBeEmpty();
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task DeletedInFullFlight_AppliedAgain_SendsNothing_AndSaysSo()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(100);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 10 } });
        await TestPool.UntilAsync(() => cars.Any(car => car.Pushes > 0), "it is being pushed");
        await _stage.DeleteCampaignAsync();
        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "the finalizer lets it go");
        int told = cars.Sum(car => car.Pushes);

        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Aborted");

        await TestPool.UntilAsync(async () => (await _stage.EventNotesAsync("AlreadyPushed")).Count > 0, "events are written in the background");
        string note = (await _stage.EventNotesAsync("AlreadyPushed")).ShouldHaveSingleItem();
        note.ShouldStartWith("Warning: ");
        note.ShouldContain("nothing is sent");
        note.ShouldContain("raise spec.revision");
        (await _stage.CampaignAsync())!["status"]!["message"]!.GetValue<string>().ShouldContain("raise spec.revision");
        cars.Sum(car => car.Pushes).ShouldBe(told);
    }

    [Fact]
    public async Task DeletedWhileSuspended_AppliedAgainToRun_SendsOnce()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(10);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["suspend"] = true });
        await TestPool.UntilAsync(async () => Preview(await _stage.CampaignAsync()) == (10, 10), "it is previewed");
        await _stage.DeleteCampaignAsync();
        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "the finalizer lets it go");
        cars.ShouldAllBe(car => car.Pushes == 0);

        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");

        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task OneShardOfTheLedgerIsLost_StopsForGood()
    {
        (OrdersNode node, Car[] cars) = await PoolWithCarsAsync(20);
        Array.ForEach(cars[..10], car => car.Link.Leave());
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");

        var campaign = new CampaignKey(_stage.Pool, $"{_stage.Namespace}/brakes", 1);
        await redis.Raw.GetDatabase().KeyDeleteAsync(PushKeys.Header(campaign, 3));
        await _stage.UntilConditionAsync("Stalled", "LedgerLost");

        await TestPool.UntilAsync(
            async () => (await redis.Store.Control.ReadAsync(campaign, CancellationToken.None))!.Pace is { Open: false }, "the gate is closed");
        Array.ForEach(cars[..10], car => car.ConnectTo(node));
        await _stage.UntilConditionAsync("Stalled", "LedgerLost");
        cars[..10].ShouldAllBe(car => car.Pushes == 0);
        cars[10..].ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task TwoOperators_TheLeaderStops_TheOtherGoesOn_NobodyIsToldTwice()
    {
        (OrdersNode node, Car[] cars) = await PoolWithCarsAsync(20);
        Array.ForEach(cars[..5], car => car.Link.Leave());
        IHost first = await _stage.StartOperatorAsync(LeaderElectionType.Single);
        await _stage.StartOperatorAsync(LeaderElectionType.Single);
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");

        await _stage.StopOperatorAsync(first);
        await TestPool.ConnectAsync(node, cars[..5]);
        await _stage.UntilPhaseAsync("Completed");

        cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task ListFromAConfigMap_WaitsForIt_TellsListedCarsAlsoTheOnesNeverSeen()
    {
        (OrdersNode node, Car[] cars) = await PoolWithCarsAsync(10);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new()
        {
            ["targets"] = JsonNode.Parse("""{"vidsFrom":[{"configMapKeyRef":{"name":"recall","key":"vids"}}]}"""),
        });
        await _stage.UntilConditionAsync("Ready", "ListNotFound");

        await _stage.CreateConfigMapAsync("recall", "vids", "# the batch of May\r\ncar-1\r\n\r\ncar-2\r\nnever-seen\r\n");
        await _stage.UntilPhaseAsync("CatchingUp");
        (await _stage.CountAsync("targeted")).ShouldBe(3);
        (await _stage.CountAsync("delivered")).ShouldBe(2);

        var late = new Car("never-seen");
        late.ConnectTo(node);
        await _stage.UntilPhaseAsync("Completed");
        late.Pushes.ShouldBe(1);
        cars.Sum(car => car.Pushes).ShouldBe(2);
    }

    [Fact]
    public async Task NoPool_ThenNoKeyInTheConfigMap_EachIsNamed_AndItGoesOnWhenItAppears()
    {
        await _stage.StartOperatorAsync();
        await _stage.CreateConfigMapAsync("recall", "other", "car-0\n");
        await _stage.CreateCampaignAsync(new()
        {
            ["targets"] = JsonNode.Parse("""{"vidsFrom":[{"configMapKeyRef":{"name":"recall","key":"vids"}}]}"""),
        });
        await _stage.UntilConditionAsync("Ready", "PoolNotFound");

        (_, Car[] cars) = await PoolWithCarsAsync(3);
        await _stage.UntilConditionAsync("Ready", "ListNotFound");
        JsonArray conditions = (await _stage.CampaignAsync())!["status"]!["conditions"]!.AsArray();
        conditions.Single(condition => (string?)condition!["type"] == "Ready")!["message"]!.GetValue<string>().ShouldContain("has no key vids");

        await _stage.PatchConfigMapAsync("recall", """{"data":{"vids":"car-1\n"}}""");
        await _stage.UntilPhaseAsync("Completed");
        cars.Select(car => car.Pushes).ShouldBe([0, 1, 0]);
        IReadOnlyList<string> events = await _stage.EventReasonsAsync();
        events.ShouldContain("PoolNotFound");
        events.ShouldContain("ListNotFound");
    }

    [Fact]
    public async Task Cap_IsExact_AndTheRestIsSuppressed()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(40);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"all":true,"maxRecipients":17}""") });
        await _stage.UntilPhaseAsync("Completed");

        cars.Count(car => car.Pushes > 0).ShouldBe(17);
        (await _stage.CountAsync("suppressed")).ShouldBe(23);
        await _stage.UntilConditionAsync("Succeeded", "Succeeded");
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task TheBusIsDown_SaysSo_AndPushesAllTheSame()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(10);
        _bus.Down = true;
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"all":true,"newVehicles":"UntilExpiry"}""") });
        await _stage.UntilPhaseAsync("CatchingUp");
        await _stage.UntilConditionAsync("Ready", "BusUnavailable");
        cars.ShouldAllBe(car => car.Pushes == 1);

        _bus.Down = false;
        await _stage.UntilConditionAsync("Ready", "Accepted");
    }

    [Fact]
    public async Task RedisDoesNotAnswerForAWhile_SaysSo_AndGoesOnByItself()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(10);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["suspend"] = true });
        await _stage.UntilPhaseAsync("Suspended");

        await redis.Raw.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "8000");
        await _stage.UntilConditionAsync("Ready", "RedisUnavailable");
        await _stage.UntilConditionAsync("Ready", "Accepted");
        await _stage.PatchAsync("""{"spec":{"suspend":false}}""");
        await _stage.UntilPhaseAsync("Completed");

        cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task APool_BecomesADeploymentAServiceAndABudget_AndCountsItsCars()
    {
        await PoolWithCarsAsync(7);
        await _stage.StartOperatorAsync();

        await TestPool.UntilAsync(
            async () => (await _stage.GetAsync($"/apis/pushplatform.io/v1alpha1/namespaces/{_stage.Namespace}/pushpools/default"))?["status"]?["connections"]?.GetValue<long>() == 7,
            "the pool counts its cars");
        JsonNode deployment = (await _stage.GetAsync($"/apis/apps/v1/namespaces/{_stage.Namespace}/deployments/push-default")).ShouldNotBeNull();
        deployment["spec"]!["replicas"]!.GetValue<int>().ShouldBe(2);
        deployment["metadata"]!["ownerReferences"]![0]!["kind"]!.GetValue<string>().ShouldBe("PushPool");
        (await _stage.GetAsync($"/api/v1/namespaces/{_stage.Namespace}/services/push-default")).ShouldNotBeNull();
        (await _stage.GetAsync($"/apis/policy/v1/namespaces/{_stage.Namespace}/poddisruptionbudgets/push-default")).ShouldNotBeNull();
    }

    private async Task<(OrdersNode Node, Car[] Cars)> PoolWithCarsAsync(int count)
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(count);
        await TestPool.ConnectAsync(node, cars);
        return (node, cars);
    }

    private static (long, long) Preview(JsonNode? campaign) => (
        campaign?["status"]?["preview"]?["matched"]?.GetValue<long>() ?? -1,
        campaign?["status"]?["preview"]?["online"]?.GetValue<long>() ?? -1);
}
