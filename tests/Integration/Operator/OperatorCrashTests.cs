using System.Text.Json.Nodes;
using PushPlatform.Delivery.Orders;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>The real executable, ended by SIGKILL in mid-work, without any RabbitMQ: whoever comes after it comes to the same end, and no car is told twice.</summary>
public sealed class OperatorCrashTests(SingleRedis redis) : IClassFixture<SingleRedis>, IAsyncLifetime
{
    private const int Cars = 60;

    private readonly TaskCompletionSource _freeze = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OperatorStage _stage = null!;
    private OrdersNode _node = null!;
    private Car[] _cars = [];

    /// <summary>How far the campaign has come when the operator is killed.</summary>
    public enum Moment
    {
        Applied,
        Freezing,
        Pushing,
        TombstoneWritten,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        await _stage.CreatePoolAsync();
        _node = await _stage.AddNodeAsync("node-a", real => new BreakableLedger(real) { MayFreeze = _freeze.Task });
        _cars = TestPool.Cars(Cars);
        await TestPool.ConnectAsync(_node, _cars);
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData(Moment.Applied)]
    [InlineData(Moment.Freezing)]
    [InlineData(Moment.Pushing)]
    [InlineData(Moment.TombstoneWritten)]
    public async Task KilledAndStartedAgain_ComesToTheSameEnd_NobodyIsToldTwice(Moment moment)
    {
        OperatorProcess first = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the first operator leads");
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 40 } });
        if (moment > Moment.Freezing)
        {
            _freeze.SetResult();
        }
        await TestPool.UntilAsync(() => HasComeAsync(moment), $"{moment}: {first.Log}");

        await first.KillAsync();
        await _stage.DropLeaseAsync();
        _freeze.TrySetResult();
        OperatorProcess second = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the second operator leads");

        await TestPool.UntilAsync(async () => await PhaseAsync() == "Completed", $"completed: {second.Log}");
        (await _stage.CountAsync("delivered")).ShouldBe(Cars);
        _cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
        (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task TheLeaderIsKilled_TheOtherTakesOver_AndCarriesOutWhatAPersonAskedForMeanwhile()
    {
        _freeze.SetResult();
        OperatorProcess first = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the first operator leads");
        string? leader = await _stage.LeaderAsync();
        await _stage.StartOperatorProcessAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 1 } });
        await TestPool.UntilAsync(() => _cars.Any(car => car.Pushes > 0), "it is being pushed");

        await first.KillAsync();
        await _stage.PatchAsync("""{"spec":{"suspend":true}}""");
        long asked = TimeProvider.System.GetTimestamp();
        await _stage.UntilPhaseAsync("Suspended");

        (await _stage.LeaderAsync()).ShouldNotBe(leader);
        _cars.SelectMany(car => car.PushedAt).Max().ShouldBeLessThan(asked + (20 * TimeProvider.System.TimestampFrequency), "G5: 20 s across a crash of the leader");
        int told = _cars.Sum(car => car.Pushes);
        told.ShouldBeLessThan(Cars);

        await _stage.PatchAsync("""{"spec":{"suspend":false,"pace":{"maxPerSecond":1000}}}""");
        await _stage.UntilPhaseAsync("Completed");
        _cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
    }

    private async Task<bool> HasComeAsync(Moment moment)
    {
        switch (moment)
        {
            case Moment.Applied:
                return true;
            case Moment.Freezing:
                return (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.Any(order => order.Gate == Gate.Freeze);
            case Moment.Pushing:
                return _cars.Any(car => car.Pushes > 0);
            default:
                return await redis.Store.Orders.FindLatestTombstoneAsync(_stage.Pool, $"{_stage.Namespace}/brakes", Token) is not null;
        }
    }

    private async Task<string?> PhaseAsync() => (await _stage.CampaignAsync())?["status"]?["phase"]?.GetValue<string>();
}
