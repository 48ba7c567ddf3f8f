using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Nobody is told while more cars match than were meant, or while too few of them are online.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class GateStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;
    private OrdersNode _node = null!;
    private Car[] _cars = [];

    private Car[] Away => _cars[..4];

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        await _stage.CreatePoolAsync();
        _node = await _stage.AddNodeAsync("node-1");
        _cars = TestPool.Cars(10);
        await TestPool.ConnectAsync(_node, _cars);
        Array.ForEach(Away, car => car.Link.Leave());
        await _stage.StartOperatorAsync();
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task MostOfThemHaveToBeOnline_WaitsUntilTheyAre()
    {
        await CreateAsync("""{"rollout":{"minOnline":{"percent":80}}}""");
        await _stage.UntilConditionAsync("Paused", "TooFewOnline");
        _cars.Sum(car => car.Pushes).ShouldBe(0);

        await TestPool.ConnectAsync(_node, Away);
        await _stage.UntilPhaseAsync("Completed");
        _cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Contains("Completed"), "events are written in the background");
        (await _stage.EventReasonsAsync()).ShouldBe(["PreviewReady", "Paused", "Resumed", "Started", "Pushed", "Completed"], ignoreOrder: true);
    }

    [Fact]
    public async Task NobodyComesInTime_ItIsOver_AndAHigherRevisionTriesAgain()
    {
        await CreateAsync("""{"rollout":{"minOnline":{"count":10,"timeoutSeconds":1,"onTimeout":"Abort"}}}""");
        await _stage.UntilPhaseAsync("Aborted");
        (await StatusAsync("abortReason")).ShouldBe("TooFewOnline");
        _cars.Sum(car => car.Pushes).ShouldBe(0);

        await _stage.PatchAsync("""{"spec":{"revision":2,"rollout":{"minOnline":{"count":6}}}}""");
        await _stage.UntilPhaseAsync("CatchingUp");
        _cars.Except(Away).ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task NobodyComesInTime_StartsAllTheSame()
    {
        await CreateAsync("""{"rollout":{"minOnline":{"count":10,"timeoutSeconds":1,"onTimeout":"Start"}}}""");
        await _stage.UntilPhaseAsync("CatchingUp");
        _cars.Except(Away).ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task MoreMatchThanWereMeant_NobodyIsTold_UntilThatIsRaised()
    {
        await CreateAsync("""{"targets":{"all":true,"maxTargets":9}}""");
        await _stage.UntilConditionAsync("Paused", "TooManyTargets");
        (await StatusAsync("message")).ShouldBe("10 cars match, 6 of them online; that is more than spec.targets.maxTargets (9): narrow spec.targets, or raise maxTargets");
        _cars.Sum(car => car.Pushes).ShouldBe(0);

        await _stage.PatchAsync("""{"spec":{"targets":{"maxTargets":10}}}""");
        await _stage.UntilPhaseAsync("CatchingUp");
    }

    private Task CreateAsync(string more) => _stage.CreateCampaignAsync((JsonObject)JsonNode.Parse(more)!);

    private async Task<string?> StatusAsync(string member) => (await _stage.CampaignAsync())?["status"]?[member]?.GetValue<string>();
}
