using System.Text.Json.Nodes;
using PushPlatform.Delivery.Redis;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Cars that are not to be told of one thing right after another.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class IntervalStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private const int Seconds = 2;

    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ThreeCampaignsAtOnce_EachCarHasTheTimeThatWasAskedForBetweenThem()
    {
        await _stage.CreatePoolAsync();
        OrdersNode[] nodes = [await _stage.AddNodeAsync("node-a"), await _stage.AddNodeAsync("node-b")];
        Car[] cars = TestPool.Cars(60);
        await TestPool.ConnectAsync(nodes[0], cars[..30]);
        await TestPool.ConnectAsync(nodes[1], cars[30..]);
        await _stage.StartOperatorAsync();
        string[] names = ["brakes", "radio", "lights"];
        foreach (string name in names)
        {
            await _stage.CreateCampaignAsync(
                new()
                {
                    ["patch"] = new JsonObject { ["id"] = name, ["version"] = "1" },
                    ["delivery"] = new JsonObject { ["perVehicleMinIntervalSeconds"] = Seconds },
                },
                name);
        }

        foreach (string name in names)
        {
            await _stage.UntilPhaseAsync("Completed", name);
            (await _stage.CountAsync("delivered", name)).ShouldBe(60);
            await _stage.AuditAsync(name: name);
        }

        foreach (Car car in cars)
        {
            long[] told = [.. car.PushedAt.Order()];
            told.Length.ShouldBe(3);
            TimeProvider.System.GetElapsedTime(told[0], told[1]).ShouldBeGreaterThan(TimeSpan.FromSeconds(Seconds));
            TimeProvider.System.GetElapsedTime(told[1], told[2]).ShouldBeGreaterThan(TimeSpan.FromSeconds(Seconds));
        }
    }

    [Fact]
    public async Task OneThatWaitsForItsStart_SeesToItThatOthersAreNoted_AndNobodyElseCostsAnything()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(20);
        await TestPool.ConnectAsync(node, cars);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        (await NotedAsync(cars)).ShouldBe(0, "nobody asks for it");

        await _stage.CreateCampaignAsync(
            new() { ["patch"] = Patch("radio"), ["suspend"] = true, ["delivery"] = new JsonObject { ["perVehicleMinIntervalSeconds"] = 3600 } }, "radio");
        await _stage.UntilPhaseAsync("Suspended", "radio");
        await TestPool.UntilAsync(() => node.Board.Current.SpacesVehicles, "the node has heard of it");
        await _stage.CreateCampaignAsync(new() { ["patch"] = Patch("lights") }, "lights");
        await _stage.UntilPhaseAsync("Completed", "lights");
        (await NotedAsync(cars)).ShouldBe(20);

        await _stage.PatchAsync("""{"spec":{"suspend":false}}""", "radio");
        await _stage.UntilPhaseAsync("CatchingUp", "radio");
        cars.ShouldAllBe(car => car.Pushes == 2);

        await _stage.PatchAsync("""{"spec":{"delivery":{"perVehicleMinIntervalSeconds":0}}}""", "radio");
        await _stage.UntilPhaseAsync("Completed", "radio");
        cars.ShouldAllBe(car => car.Pushes == 3);
    }

    private static JsonObject Patch(string id) => new() { ["id"] = id, ["version"] = "1" };

    private async Task<int> NotedAsync(Car[] cars)
    {
        int noted = 0;
        foreach (Car car in cars)
        {
            string bucket = (PushPlatform.Delivery.Shards.BucketHash(car.Vid) % PushKeys.RegistryBuckets).ToString();
            noted += await redis.Raw.GetDatabase().HashExistsAsync(PushKeys.ToldPrefix(_stage.Pool, PushPlatform.Delivery.Shards.Of(car.Vid)).Append(bucket), car.Vid) ? 1 : 0;
        }
        return noted;
    }
}
