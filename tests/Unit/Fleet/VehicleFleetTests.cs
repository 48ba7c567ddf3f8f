using System.Text.Json;
using PushPlatform.Fleet;
using PushPlatform.Tests.Unit.Time;
using PushPlatform.Tests.Unit.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Fleet;

public sealed class VehicleFleetTests : IAsyncLifetime
{
    private const int Timeout = 30_000;

    private FakeNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await FakeNode.StartAsync();

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact(Timeout = Timeout)]
    public async Task Group_ConnectsIsPushedToAndLeaves_ReportSaysWhatItSaw()
    {
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint] });
        FleetGroup cars = fleet.Add(new VehicleGroup("x7", 3)
        {
            Labels = new Dictionary<string, string> { ["model"] = "x7" },
            Center = (48.1, 11.6),
            RadiusMeters = 5000,
            Answer = VehicleAnswer.Installed,
        });

        Task connecting = cars.ConnectAsync(default);
        List<FakeLink> links = [await _node.WelcomeAsync(), await _node.WelcomeAsync(), await _node.WelcomeAsync()];
        await connecting;

        cars.ConnectedCount.ShouldBe(3);
        links.Select(link => link.Vid).Order().ShouldBe(["x7-00001", "x7-00002", "x7-00003"]);
        links[0].Hello.GetProperty("labels").GetProperty("model").GetString().ShouldBe("x7");
        JsonElement position = links[0].Hello.GetProperty("position");
        position.GetProperty("lat").GetDouble().ShouldBeInRange(48.05, 48.15);
        position.GetProperty("lon").GetDouble().ShouldBeInRange(11.53, 11.67);

        foreach (FakeLink link in links.Take(2))
        {
            await link.PushAsync("c#1");
            (await link.ReadAckAsync()).ShouldBe("c#1 installed");
            await link.PushAsync("c#1");
            (await link.ReadAckAsync()).ShouldBe("c#1 installed");
        }

        Task leaving = cars.DisconnectAsync();
        foreach (FakeLink link in links)
        {
            (await link.ReadCloseAsync()).ShouldBe(1000);
        }

        await leaving;
        FleetReport report = fleet.Report();
        (report.Vehicles, report.Connected, report.Connects).ShouldBe((3, 0, 3));
        FleetDelivery delivery = report.Deliveries["c#1"];
        (delivery.Vehicles, delivery.ShownTwice, delivery.Copies).ShouldBe((2, 0, 4));
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancel_ACarThatHasNotInstalledIt_ForgetsIt()
    {
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint] });
        SimulatedVehicle car = fleet.Add(new VehicleGroup("x7", 1)).Vehicles[0];
        car.Start();
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");
        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
        car.Forgotten.ShouldBe(["c#1"]);
    }

    [Fact(Timeout = Timeout)]
    public async Task Break_Reset_NodeHearsOfItAndTheCarComesBackKnowingWhatItSaw()
    {
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint], FirstBackoff = TimeSpan.FromMilliseconds(1) });
        SimulatedVehicle car = fleet.Add(new VehicleGroup("x7", 1)).Vehicles[0];
        car.Start();
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await link.ReadAckAsync();

        car.Break(LinkBreak.Reset);

        await Should.ThrowAsync<Exception>(() => link.ReadAsync());
        FakeLink next = await _node.WelcomeAsync();
        next.Hello.GetProperty("seen")[0].GetString().ShouldBe("c#1");
        await next.PushAsync("c#1");
        await next.ReadAckAsync();
        SeenDelivery seen = car.Seen.ShouldHaveSingleItem();
        (seen.Shown, seen.Copies).ShouldBe((1, 2));
        car.Disconnects["broken"].ShouldBe(1);
        next.Break();
    }

    [Fact(Timeout = Timeout)]
    public async Task Break_HalfOpen_NodeHearsNothingEvenWhenTheCarIsSwitchedOff()
    {
        ManualTimeProvider time = new();
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint], Time = time });
        SimulatedVehicle car = fleet.Add(new VehicleGroup("x7", 1)).Vehicles[0];
        car.Start();
        FakeLink link = await _node.WelcomeAsync();
        await car.WhenConnectedAsync(default);
        Task<JsonElement> reading = link.ReadAsync();

        Task stopped = car.BreakAndStopAsync(LinkBreak.HalfOpen);
        await link.PushAsync("c#1");
        while (!stopped.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
        }

        await stopped;
        reading.IsCompleted.ShouldBeFalse("the node still believes in the connection");
        car.Seen.ShouldBeEmpty();
        car.Break(LinkBreak.Reset);
        await Should.ThrowAsync<Exception>(() => reading);
    }

    [Fact(Timeout = Timeout)]
    public async Task Car_SwitchedOffAndOn_StillKnowsWhatItSaw()
    {
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint] });
        SimulatedVehicle car = fleet.Add(new VehicleGroup("x7", 1) { Answer = VehicleAnswer.Rejected }).Vehicles[0];
        car.Start();
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 rejected");
        await car.BreakAndStopAsync(LinkBreak.Reset);

        car.Start();
        FakeLink next = await _node.WelcomeAsync();
        (await next.ReadAckAsync()).ShouldBe("c#1 rejected", "the first ack was not certain");
        await next.PushAsync("c#1");
        (await next.ReadAckAsync()).ShouldBe("c#1 rejected");

        car.Seen.ShouldHaveSingleItem().Shown.ShouldBe(1);
        Task stopped = car.StopAsync();
        await next.ReadCloseAsync();
        await stopped;
    }

    [Fact(Timeout = Timeout)]
    public async Task Car_ThatAnswersNothing_IsShownTheNoticeOnceAndStaysSilent()
    {
        await using VehicleFleet fleet = new(new FleetOptions { Endpoints = [_node.Endpoint] });
        SimulatedVehicle car = fleet.Add(new VehicleGroup("x7", 1) { Answer = VehicleAnswer.Nothing }).Vehicles[0];
        car.Start();
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await link.PushAsync("c#1");

        Task stopped = car.StopAsync();

        (await link.ReadCloseAsync()).ShouldBe(1000, "the next frame after two copies is no ack");
        await stopped;
    }
}
