using System.Net;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>How a car connects, says what it is, comes back and leaves.</summary>
public sealed class VehicleConnectionTests : IAsyncLifetime
{
    private const int Timeout = 30_000;

    private FakeNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await FakeNode.StartAsync();

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact(Timeout = Timeout)]
    public async Task Connect_WithEverything_SaysHelloAndHearsHowMuchIsPending()
    {
        await using TestCar car = new(_node, token: () => "t0k3n", labels: new Dictionary<string, string> { ["model"] = "x7" });
        car.Connection.IsConnected.ShouldBeFalse();

        FakeLink link = await _node.WelcomeAsync(pending: 3);

        link.Vid.ShouldBe("car-1");
        link.Authorization.ShouldBe("Bearer t0k3n");
        link.Hello.GetRawText().ShouldBe("""{"type":"hello","vid":"car-1","labels":{"model":"x7"}}""");
        (await car.ConnectedAsync()).ShouldBe(new VehicleSession("s", 3));
        car.Connection.IsConnected.ShouldBeTrue();
    }

    [Theory(Timeout = Timeout)]
    [InlineData("t0k3n", "/ws/head-unit/t0k3n")]
    [InlineData(null, "/ws/head-unit/car-1")]
    public async Task Connect_WithARole_NamesItAndTheTokenInThePath(string? token, string path)
    {
        await using TestCar car = new(_node, token: () => token, role: "head-unit");

        FakeLink link = await _node.WelcomeAsync();

        link.Path.ShouldBe(path);
        link.Authorization.ShouldBeNull();
        link.Vid.ShouldBe("car-1");
    }

    [Theory]
    [InlineData("Head-Unit")]
    [InlineData("")]
    [InlineData("a/b")]
    public void Connect_WithARoleThatIsNone_IsRefusedAtOnce(string role) =>
        Should.Throw<ArgumentException>(() => new TestCar(_node, role: role)).Message.ShouldContain("role");

    [Fact(Timeout = Timeout)]
    public async Task Connect_ADeviceOfTheCar_NamesItInTheUrlAndInTheHello()
    {
        await using TestCar car = new(_node, device: "rear-seat");

        FakeLink link = await _node.WelcomeAsync(pending: 0);

        (link.Vid, link.Device).ShouldBe(("car-1", "rear-seat"));
        link.Hello.GetRawText().ShouldBe("""{"type":"hello","vid":"car-1","device":"rear-seat"}""");
    }

    [Fact(Timeout = Timeout)]
    public async Task Connect_NoDeviceGiven_NamesNone()
    {
        await using TestCar car = new(_node);

        (await _node.WelcomeAsync(pending: 0)).Device.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("rear/seat")]
    [InlineData(".hidden")]
    public void Options_ADeviceThatNoNodeTakes_IsRefused(string device) =>
        Should.Throw<ArgumentException>(() => new VehicleConnection(new VehicleOptions
        {
            Vid = "car-1",
            Device = device,
            Endpoints = [new Uri("ws://localhost/ws")],
            OnPush = (_, _) => ValueTask.FromResult(DeliveryReport.Received),
        })).ParamName.ShouldBe("Device");

    [Fact(Timeout = Timeout)]
    public async Task Connect_PendingComesWithTheSecondWelcome_TellsTheApplicationOnce()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync(pending: null);
        await link.SendAsync("""{"type":"welcome","session":"s","pending":2,"pingSeconds":5}""");
        await link.SendAsync("""{"type":"welcome","session":"s","pending":9,"pingSeconds":5}""");
        await link.PushAsync("c#1");
        await car.HandledAsync();

        (await car.ConnectedAsync()).Pending.ShouldBe(2);
        await link.CloseAsync(1000);
        await car.ComeBackAsync();
        await _node.WelcomeAsync(pending: 0);
        (await car.ConnectedAsync()).Pending.ShouldBe(0);
    }

    [Fact(Timeout = Timeout)]
    public async Task Update_PositionAndLabels_AreSentNowAndInTheNextHello()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        car.Connection.UpdatePosition(new VehiclePosition(48.5, -11));
        (await link.ReadAsync()).GetRawText().ShouldBe("""{"type":"position","position":{"lat":48.5,"lon":-11}}""");
        car.Connection.UpdateLabels(new Dictionary<string, string> { ["firmware"] = "4.2.1" });
        (await link.ReadAsync()).GetRawText().ShouldBe("""{"type":"labels","labels":{"firmware":"4.2.1"}}""");
        link.Break();
        await car.ComeBackAsync();

        (await _node.WelcomeAsync()).Hello.GetRawText()
            .ShouldBe("""{"type":"hello","vid":"car-1","labels":{"firmware":"4.2.1"},"position":{"lat":48.5,"lon":-11}}""");
    }

    [Fact(Timeout = Timeout)]
    public async Task Refused_WithRetryAfter_StaysAwayForThatLong()
    {
        _node.RefuseNext(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "7";
        });
        await using TestCar car = new(_node, random: 0.5);

        VehicleDisconnect end = await car.ComeBackAsync();

        end.HttpStatus.ShouldBe(HttpStatusCode.ServiceUnavailable);
        end.ReconnectIn.ShouldBe(TimeSpan.FromSeconds(7.5));
        await _node.WelcomeAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Unauthorized_ComesBackOnlyWithAnotherToken()
    {
        string token = "old";
        await using TestCar car = new(_node, token: () => token);
        FakeLink link = await _node.AcceptAsync();
        await link.SendAsync("""{"type":"bye","reason":"unauthorized"}""");
        await link.CloseAsync(4401);
        await car.ComeBackAsync();

        // Still the same token: the car does not even try.
        await car.Time.UntilSomebodyWaitsAsync(ReconnectPolicy.LongWait);
        token = "new";
        car.Time.Advance(ReconnectPolicy.LongWait);

        (await _node.AcceptAsync()).Authorization.ShouldBe("Bearer new");
    }

    [Fact(Timeout = Timeout)]
    public async Task Stop_LeavesWithACloseFrameAndAllAcksAreCertain()
    {
        InMemoryDeliveryStore store = new();
        await using TestCar car = new(_node, store: store);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await link.ReadAckAsync();

        Task stopped = car.StopAsync();

        (await link.ReadCloseAsync()).ShouldBe(1000);
        await stopped;
        (await car.DisconnectedAsync()).ReconnectIn.ShouldBeNull();
        (await store.LoadAsync(default))[^1].ShouldBe(new DeliveryRecord("c#1", DeliveryStatus.Received, Confirmed: true));
    }

    [Fact(Timeout = Timeout)]
    public async Task DeadLink_NodeFallsSilent_IsNoticedWithoutAnythingToSend()
    {
        // The library's keep-alive runs on the system's clock: this takes a moment.
        await using TestCar car = new(_node, pingInterval: TimeSpan.FromMilliseconds(100));
        FakeLink silent = await _node.AcceptAsync();
        await silent.ReadAsync();

        VehicleDisconnect end = await car.DisconnectedAsync();

        end.CloseCode.ShouldBeNull();
        end.Error.ShouldNotBeNull();
    }

    [Fact(Timeout = Timeout)]
    public async Task Frame_ThatNoNodeMaySend_EndsTheConnectionForALongTime()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await link.SendAsync("[]");

        (await link.ReadCloseAsync()).ShouldBe(1002);
        (await car.DisconnectedAsync()).ReconnectIn.ShouldBe(ReconnectPolicy.LongWait);
    }

    [Fact(Timeout = Timeout)]
    public async Task Run_Twice_IsRefused()
    {
        await using TestCar car = new(_node);
        await Should.ThrowAsync<InvalidOperationException>(() => car.Connection.RunAsync(default));
    }

    [Fact(Timeout = Timeout)]
    public async Task Run_CallerBlocksItsSynchronizationContext_WorksAllTheSame()
    {
        SynchronizationContext? own = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new BlockedContext());
        TestCar started = new(_node);
        SynchronizationContext.SetSynchronizationContext(own);
        await using TestCar car = started;
        FakeLink link = await _node.WelcomeAsync();

        await link.PushAsync("c#1");

        (await link.ReadAckAsync()).ShouldBe("c#1 received");
        await car.StopAsync();
    }

    /// <summary>A user interface whose thread waits: what is posted to it never runs.</summary>
    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
