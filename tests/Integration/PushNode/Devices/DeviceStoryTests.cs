using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Devices;

/// <summary>Cars with several devices, over real sockets to two nodes.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class DeviceStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];
    private TestPool _pool = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in Enumerable.Reverse(_open))
        {
            await one.DisposeAsync();
        }

        await _pool.DisposeAsync();
    }

    [Fact]
    public async Task TwoDevicesOfACar_OnTwoNodes_AreBothToldAndEachIsCountedOnce()
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync();
        Device left = await ConnectAsync(a, "car-1", "left");
        Device right = await ConnectAsync(b, "car-1", "right");
        Device unnamed = await ConnectAsync(b, "car-2", device: null);

        Order order = await PushAsync(TestPool.NewOrder());
        await _pool.UntilDeliveredAsync(order, 3);

        foreach (Device device in (Device[])[left, right, unnamed])
        {
            device.Copies.ShouldBe(["hotfix#1"]);
            device.Ends.ShouldBeEmpty();
        }

        (await _pool.RecordsAsync(order)).Select(record => record.Vid).ShouldBe(["car-1/left", "car-1/right", "car-2/main"], ignoreOrder: true);
        (await _pool.CountsAsync(order)).ShouldBe(LedgerCounts.Zero with { Targeted = 3, Delivered = 3 });
        await _pool.AuditAsync(order, 3);
    }

    [Fact]
    public async Task AnAckOfOneDevice_SettlesThatDeviceAlone()
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync();
        await ConnectAsync(a, "car-1", "left");
        Device right = await ConnectAsync(b, "car-1", "right", acks: false);

        Order order = await PushAsync(TestPool.NewOrder());
        await TestPool.UntilAsync(() => right.Copies.Count == 1, "the silent device is sent the push");
        await _pool.UntilDeliveredAsync(order, 1);

        (await StateOfAsync(order, "car-1/left")).ShouldBe(DeliveryState.Delivered);
        (await StateOfAsync(order, "car-1/right")).ShouldBe(DeliveryState.Sent);

        right.Ack();
        await _pool.UntilDeliveredAsync(order, 2);
        await _pool.AuditAsync(order, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASecondConnectionOfADevice_ReplacesThatOneOnly(bool onTheOtherNode)
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync();
        using RawCar left = await ArriveAsync(a, "car-1", "left");
        Device right = await ConnectAsync(a, "car-1", "right");
        Device main = await ConnectAsync(b, "car-1", device: null);

        using RawCar newer = await ArriveAsync(onTheOtherNode ? b : a, "car-1", "left");

        (IReadOnlyList<CarFrame> before, int? code) = await left.ReadToCloseAsync();
        (code, (string?)before[^1].Json!["reason"]).ShouldBe((4409, "replaced"));
        await newer.SendTextAsync("""{"type":"ping"}""");
        ((string?)(await AfterWelcomesAsync(newer)).Json!["type"]).ShouldBe("pong");
        KnownVehicle[] known = [.. await _pool.Store.Vehicles.FindDevicesAsync(_pool.Name, Shards.Of("car-1"), ["car-1"], Token)];
        known.ToDictionary(device => device.Vid, device => device.Holder?.Node)
            .ShouldBe(new Dictionary<string, string?> { ["car-1/left"] = onTheOtherNode ? b.Name : a.Name, ["car-1/right"] = a.Name, ["car-1/main"] = b.Name }, ignoreOrder: true);
        right.Ends.ShouldBeEmpty();
        main.Ends.ShouldBeEmpty();
    }

    [Fact]
    public async Task LabelsAndExclusions_AreJudgedForEachDevice()
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync();
        Device told = await ConnectAsync(a, "car-1", "left");
        Device otherModel = await ConnectAsync(b, "car-1", "right", model: "x8");
        Device excluded = await ConnectAsync(a, "car-2", "left");
        Device itsSibling = await ConnectAsync(b, "car-2", "right");
        Device ofAnExcludedCar = await ConnectAsync(b, "car-3", "left");

        Order order = await PushAsync(TestPool.NewOrder(change: order => order with
        {
            Filter = new TargetFilter
            {
                ExcludeVids = ["car-2/left", "car-3"],
                Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["model"] = "x7" } },
            },
        }));
        await _pool.UntilDeliveredAsync(order, 2);

        (await _pool.RecordsAsync(order)).Select(record => record.Vid).ShouldBe(["car-1/left", "car-2/right"], ignoreOrder: true);
        (told.Copies.Count, itsSibling.Copies.Count).ShouldBe((1, 1));
        (otherModel.Copies.Count + excluded.Copies.Count + ofAnExcludedCar.Copies.Count).ShouldBe(0);
    }

    [Fact]
    public async Task ANewDeviceOfAKnownCar_WhilePushing_IsTakenAlong()
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync();
        await ConnectAsync(a, "car-1", "left");
        Order order = await PushAsync(TestPool.NewOrder(change: order => order with { TakesNewVehicles = true }));
        await _pool.UntilDeliveredAsync(order, 1);

        Device late = await ConnectAsync(b, "car-1", "right");
        await _pool.UntilDeliveredAsync(order, 2);

        late.Copies.ShouldBe(["hotfix#1"]);
        await _pool.AuditAsync(order, 2);
    }

    [Fact]
    public async Task WhatAPoolOfTheOtherKindLeft_IsNoTarget()
    {
        (WholeNode a, _) = await TwoNodesAsync();
        await _pool.Store.Vehicles.ArriveAsync(_pool.Name, Shards.Of("car-1"), "old.node", [new Arrival("car-1", null, null)], Token);
        await ConnectAsync(a, "car-1", "left");

        Order order = await PushAsync(TestPool.NewOrder());
        await _pool.UntilDeliveredAsync(order, 1);

        (await _pool.RecordsAsync(order)).ShouldHaveSingleItem().Vid.ShouldBe("car-1/left");
    }

    [Fact]
    public async Task InASinglePool_TheNewestConnectionWins_WhateverItsDevice()
    {
        (WholeNode a, WholeNode b) = await TwoNodesAsync(SessionMode.Single);
        using RawCar left = await ArriveAsync(a, "car-1", "left");
        Device right = await ConnectAsync(b, "car-1", "right");

        (await left.ReadToCloseAsync()).Code.ShouldBe(4409);
        Order order = await PushAsync(TestPool.NewOrder());
        await _pool.UntilDeliveredAsync(order, 1);

        (await _pool.RecordsAsync(order)).ShouldHaveSingleItem().Vid.ShouldBe("car-1");
        right.Copies.ShouldBe(["hotfix#1"]);
    }

    [Theory]
    [InlineData("""{"type":"hello","vid":"car-1"}""")]
    [InlineData("""{"type":"hello","vid":"car-1","device":"right"}""")]
    public async Task AHelloOfAnotherDeviceThanTheUrls_IsRefused_InEveryPool(string hello)
    {
        (WholeNode a, _) = await TwoNodesAsync(SessionMode.Single);
        using RawCar car = await RawCar.ConnectAsync(a.Vehicles);
        await car.UpgradeAsync("car-1&device=left");

        await car.SendTextAsync(hello);

        (await car.ReadToCloseAsync()).Code.ShouldBe(4400);
    }

    private static async Task<RawCar> ArriveAsync(WholeNode node, string vid, string device)
    {
        RawCar car = await RawCar.ConnectAsync(node.Vehicles);
        await car.UpgradeAsync($"{vid}&device={device}");
        await car.SendTextAsync($$"""{"type":"hello","vid":"{{vid}}","device":"{{device}}"}""");
        JsonWelcome(await car.ReadFrameAsync()).ShouldBeTrue();
        return car;
    }

    private static async Task<CarFrame> AfterWelcomesAsync(RawCar car)
    {
        CarFrame? frame = await car.ReadFrameAsync();
        while (JsonWelcome(frame))
        {
            frame = await car.ReadFrameAsync();
        }

        return frame.ShouldNotBeNull();
    }

    private static bool JsonWelcome(CarFrame? frame) => (string?)frame?.Json?["type"] == "welcome";

    private async Task<(WholeNode A, WholeNode B)> TwoNodesAsync(SessionMode sessions = SessionMode.PerDevice)
    {
        WholeNode a = await WholeNode.StartAsync(_pool, redis.ConnectionString, TestNode.Options with { Name = "a", Sessions = sessions });
        _open.Add(a);
        WholeNode b = await WholeNode.StartAsync(_pool, redis.ConnectionString, TestNode.Options with { Name = "b", Sessions = sessions });
        _open.Add(b);
        return (a, b);
    }

    private async Task<Device> ConnectAsync(WholeNode node, string vid, string? device, bool acks = true, string model = "x7")
    {
        Device connected = new(node, vid, device, acks, model);
        _open.Add(connected);
        await TestPool.UntilAsync(() => connected.IsConnected, $"{vid}/{device} is welcomed");
        return connected;
    }

    /// <summary>Freezes by the nodes' walk, and opens.</summary>
    private async Task<Order> PushAsync(Order order)
    {
        Order frozen = await _pool.PublishAsync(await _pool.CreateLedgerAsync(order));
        await TestPool.UntilAsync(
            async () => (await _pool.Store.Ledger.FrozenAsync(frozen.Key(_pool.Name), frozen.LedgerId, Token)).All(done => done), "every shard is frozen");
        return await _pool.OpenAsync(frozen);
    }

    private async Task<DeliveryState> StateOfAsync(Order order, string unit) => (await _pool.RecordsAsync(order)).Single(record => record.Vid == unit).State;
}
