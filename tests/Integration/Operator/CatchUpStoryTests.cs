using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Cars that come back all at once.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class CatchUpStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ManyComeBackAtOnce_TheyTakeTheirShareOfTheRateOnly_UntilItIsRaised()
    {
        const int Share = 10;
        await _stage.CreatePoolAsync();
        OrdersNode[] nodes = [await _stage.AddNodeAsync("node-a"), await _stage.AddNodeAsync("node-b")];
        Car[] here = TestPool.Cars(40, "here");
        Car[] back = TestPool.Cars(200, "back");
        await TestPool.ConnectAsync(nodes[0], [.. here, .. back]);
        Array.ForEach(back, car => car.Link.Leave());
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 200, ["catchUpPercent"] = 5 } });
        await _stage.UntilPhaseAsync("CatchingUp");
        here.ShouldAllBe(car => car.Pushes == 1);

        await TestPool.ConnectAsync(nodes[0], back[..100]);
        await TestPool.ConnectAsync(nodes[1], back[100..]);
        await TestPool.UntilAsync(() => back.Sum(car => car.Pushes) > 2 * Share, "the share goes on");
        long[] slow = [.. back.SelectMany(car => car.PushedAt).Order()];
        await _stage.PatchAsync("""{"spec":{"pace":{"catchUpPercent":100}}}""");
        await _stage.UntilPhaseAsync("Completed");

        foreach (long from in slow)
        {
            slow.Count(at => at >= from && TimeProvider.System.GetElapsedTime(from, at) < TimeSpan.FromSeconds(1)).ShouldBeLessThanOrEqualTo((2 * Share) + 1);
        }

        back.ShouldAllBe(car => car.Pushes == 1);
        (await _stage.CountAsync("caughtUp")).ShouldBe(200);
        await _stage.AuditAsync();
    }
}
