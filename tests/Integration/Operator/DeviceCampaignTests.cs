using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Campaigns for a pool that keeps the devices of a car apart, from the resource to the device and back to the status.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class DeviceCampaignTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;
    private OrdersNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        _node = await _stage.AddNodeAsync("node-a", sessions: SessionMode.PerDevice);
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ListedVids_MeanEveryKnownDevice_AndADeviceJustThatOne()
    {
        Car[] listed = [new("car-1", "left"), new("car-1", "right"), new("car-2", "rear")];
        Car[] others = [new("car-2", "main"), new("car-3", "main"), new("car-11", "left")];
        await StartAsync([.. listed, .. others]);
        listed[1].Link.Leave();

        await _stage.CreateConfigMapAsync("recall", "vids", "car-1\ncar-1/left\nnever-seen\n");
        await _stage.CreateCampaignAsync(new()
        {
            ["targets"] = JsonNode.Parse("""{"vids":["car-2/rear","car-4/front"],"vidsFrom":[{"configMapKeyRef":{"name":"recall","key":"vids"}}]}"""),
        });
        await _stage.UntilPhaseAsync("CatchingUp");

        (await UnitsAsync()).ShouldBe(["car-1/left", "car-1/right", "car-2/rear", "car-4/front", "never-seen/main"], ignoreOrder: true);
        JsonNode preview = (await _stage.CampaignAsync())!["status"]!["preview"]!;
        (preview["matched"]!.GetValue<long>(), preview["online"]!.GetValue<long>()).ShouldBe((5, 2));

        Car[] late = [listed[1], new("never-seen", "main"), new("car-4", "front")];
        await TestPool.ConnectAsync(_node, late);
        await _stage.UntilPhaseAsync("Completed");

        listed.Concat(late).ShouldAllBe(device => device.Pushes == 1);
        others.ShouldAllBe(device => device.Pushes == 0);
        (await _stage.CountAsync("delivered")).ShouldBe(5);
        await _stage.AuditAsync();
    }

    /// <summary>The limit of a list: which devices a vid means is settled at the start.</summary>
    [Fact]
    public async Task ADeviceOfAListedVid_ThatFirstAppearsAfterTheStart_IsNoTarget()
    {
        await StartAsync([new("car-1", "left")]);
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vids":["car-1","car-2"],"newVehicles":"UntilExpiry"}""") });
        await _stage.UntilPhaseAsync("CatchingUp");

        Car listed = new("car-2", "main");
        Car late = new("car-1", "right");
        await TestPool.ConnectAsync(_node, [late, listed]);
        await TestPool.UntilAsync(() => listed.Pushes == 1, "the known unit is told");

        late.Link.Welcomes.ShouldAllBe(welcome => welcome.Contains("\"pending\":0", StringComparison.Ordinal));
        (await UnitsAsync()).ShouldBe(["car-1/left", "car-2/main"], ignoreOrder: true);
    }

    [Fact]
    public async Task ExcludedVids_TakeAllTheirDevicesWithThem_AlsoFromAList()
    {
        Car[] told = [new("car-1", "left"), new("car-2", "left")];
        Car[] excluded = [new("car-2", "right"), new("car-3", "left"), new("car-3", "right")];
        await StartAsync([.. told, .. excluded]);

        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vids":["car-1","car-2","car-3"],"excludeVids":["car-2/right","car-3"]}""") });
        await _stage.UntilPhaseAsync("Completed");

        told.ShouldAllBe(device => device.Pushes == 1);
        excluded.ShouldAllBe(device => device.Pushes == 0);
        (await _stage.CountAsync("targeted")).ShouldBe(2);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task MaxRecipients_CountsDevices()
    {
        Car[] devices = [.. Enumerable.Range(0, 5).SelectMany(i => new Car[] { new($"car-{i}", "left"), new($"car-{i}", "right") })];
        await StartAsync(devices);

        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"all":true,"maxRecipients":7}""") });
        await _stage.UntilPhaseAsync("Completed");

        devices.Count(device => device.Pushes > 0).ShouldBe(7);
        (await _stage.CountAsync("suppressed")).ShouldBe(3);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task ADeviceInASinglePool_IsRefusedByName_InlineAndInAList()
    {
        await _stage.CreatePoolAsync();
        await _stage.StartOperatorAsync();
        await _stage.CreateConfigMapAsync("recall", "vids", "car-1\ncar-2/left\n");

        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vids":["car-1/left"]}""") }, "inline");
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vidsFrom":[{"configMapKeyRef":{"name":"recall","key":"vids"}}]}""") }, "listed");

        await _stage.UntilConditionAsync("Stalled", "InvalidSpec", "inline");
        await _stage.UntilConditionAsync("Stalled", "InvalidList", "listed");
        MessageOf(await _stage.CampaignAsync("inline")).ShouldContain("spec.targets.vids[0]");
        MessageOf(await _stage.CampaignAsync("inline")).ShouldContain("sessions: Single");
        MessageOf(await _stage.CampaignAsync("listed")).ShouldContain("recall/vids line 2: 'car-2/left' names a device");
    }

    [Fact]
    public async Task SessionsOfAPoolThatLives_AreNotChanged()
    {
        await StartAsync([new("car-1", "left"), new("car-1", "right")]);
        await TestPool.UntilAsync(async () => (string?)(await _stage.PoolAsync())?["status"]?["sessions"] == "PerDevice", "the operator has seen the pool");

        await _stage.PatchPoolAsync("""{"spec":{"sessions":"Single"}}""");
        await TestPool.UntilAsync(
            async () => (await _stage.PoolAsync())!["status"]!["conditions"]!.AsArray().Any(condition => (string?)condition!["type"] == "Stalled" && (string?)condition["reason"] == "InvalidSpec"),
            "the operator refuses it");

        (await _stage.GetAsync($"/apis/apps/v1/namespaces/{_stage.Namespace}/deployments/push-default"))!["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray()
            .Single(variable => (string?)variable!["name"] == NodeEnvironment.Sessions)!["value"]!.GetValue<string>().ShouldBe("PerDevice");
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vids":["car-1"]}""") });
        await _stage.UntilPhaseAsync("Completed");
        (await UnitsAsync()).ShouldBe(["car-1/left", "car-1/right"], ignoreOrder: true);
    }

    private static string MessageOf(JsonNode? campaign) => campaign!["status"]!["conditions"]!.AsArray()
        .Single(condition => (string?)condition!["type"] == "Stalled")!["message"]!.GetValue<string>();

    private async Task StartAsync(Car[] devices)
    {
        await _stage.CreatePoolAsync(SessionMode.PerDevice);
        await TestPool.ConnectAsync(_node, devices);
        await _stage.StartOperatorAsync();
    }

    private async Task<IReadOnlyList<string>> UnitsAsync()
    {
        List<string> units = [];
        await foreach (DeliveryRecord record in redis.Store.Control.ScanAsync(new CampaignKey(_stage.Pool, $"{_stage.Namespace}/brakes", 1), TestContext.Current.CancellationToken))
        {
            units.Add(record.Vid);
        }

        return units;
    }
}
