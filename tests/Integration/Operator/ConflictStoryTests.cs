using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Several versions of one patch: each car gets what its campaign's turn brings, and none gets an older one after a newer one.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class ConflictStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;
    private OrdersNode _node = null!;
    private Car[] _cars = [];

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        await _stage.CreatePoolAsync();
        _node = await _stage.AddNodeAsync("node-1");
        _cars = TestPool.Cars(10);
        await TestPool.ConnectAsync(_node, _cars);
        await _stage.StartOperatorAsync();
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task OneIsQueued_AnotherTakesThePlaceOfBoth_AThirdIsRejected()
    {
        Car[] away = _cars[..4];
        Array.ForEach(away, car => car.Link.Leave());
        await CreateAsync("first", "4.2.1");
        await _stage.UntilPhaseAsync("CatchingUp", "first");
        (await _stage.CountAsync("delivered", "first")).ShouldBe(6);

        await CreateAsync("second", "4.2.2");
        await _stage.UntilConditionAsync("Paused", "Queued", "second");
        (await StatusAsync("second", "message")).ShouldNotBeNull().ShouldContain("waits for the end of campaign first");

        await CreateAsync("third", "4.2.3", "Supersede");
        await _stage.UntilPhaseAsync("CatchingUp", "third");
        await CreateAsync("fourth", "4.2.4", "Reject");
        await _stage.UntilPhaseAsync("Aborted", "fourth");
        (await StatusAsync("fourth", "abortReason")).ShouldBe("Conflict");

        await TestPool.ConnectAsync(_node, away);
        await _stage.UntilPhaseAsync("Completed", "third");
        foreach (string name in (string[])["first", "second"])
        {
            await _stage.UntilPhaseAsync("Aborted", name);
            (await StatusAsync(name, "outcome")).ShouldBe("Superseded");
            (await StatusAsync(name, "supersededBy")).ShouldBe("third");
        }
        (await _stage.CountAsync("superseded", "first")).ShouldBe(4);
        (await _stage.CountAsync("delivered", "third")).ShouldBe(10);
        away.ShouldAllBe(car => car.Pushes == 1);
        _cars[4..].ShouldAllBe(car => car.Pushes == 2);
        await _stage.AuditAsync(name: "first");
        await _stage.AuditAsync(name: "third");
    }

    [Fact]
    public async Task TheOneItWaitsForIsDeleted_TheQueuedOneGoes()
    {
        await CreateAsync("first", "4.2.1", more: """{"suspend":true}""");
        await _stage.UntilPhaseAsync("Suspended", "first");
        await CreateAsync("second", "4.2.2");
        await _stage.UntilConditionAsync("Paused", "Queued", "second");
        _cars.Sum(car => car.Pushes).ShouldBe(0);

        await _stage.DeleteCampaignAsync("first");
        await _stage.UntilPhaseAsync("Completed", "second");
        _cars.ShouldAllBe(car => car.Pushes == 1);
    }

    private Task CreateAsync(string name, string version, string policy = "Queue", string more = "{}")
    {
        var spec = (JsonObject)JsonNode.Parse(more)!;
        spec["patch"] = new JsonObject { ["id"] = "brake-ecu", ["version"] = version };
        spec["conflictPolicy"] = policy;
        return _stage.CreateCampaignAsync(spec, name);
    }

    private async Task<string?> StatusAsync(string name, string member) => (await _stage.CampaignAsync(name))?["status"]?[member]?.GetValue<string>();
}
