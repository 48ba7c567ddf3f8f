using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using PushPlatform.Delivery.Orders;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.PushNode;
using PushPlatform.Scenarios.Stages;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode;
using PushPlatform.Tests.Integration.PushNode.Orders;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>Cars behind a real nginx, which speaks to the node for a car that has long gone (G7). Its settings are those of push-node/nginx.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed partial class ProxyTests(SingleRedis redis) : IAsyncLifetime
{
    private static readonly NodeOptions Patient = TestNode.Options with { HeartbeatInterval = TimeSpan.FromSeconds(1), HeartbeatTimeout = TimeSpan.FromMinutes(10) };

    private TestPool _pool = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task TheCarFallsSilent_NginxKeepsItsLink_TheNodeNoticesAndSaysIdle()
    {
        await using WholeNode node = await StartNodeAsync(Patient with { HeartbeatTimeout = TimeSpan.FromSeconds(2) });
        await using NginxServer nginx = await StartNginxAsync(node);
        await using FaultyLink link = FaultyLink.To(nginx.Port);
        await using ProxiedCar car = new("car-1", link.Port);
        await Eventually.BeTrueAsync(() => node.Index.Find("car-1") is { IsOpen: true }, "the car is there");

        link.Silence();

        await Eventually.BeTrueAsync(() => node.Index.Find("car-1") is null, "the node noticed");
        (await ClosesAsync(node)).ShouldContain("idle 1");
    }

    [Fact]
    public async Task TheCarComesBackOnAnotherConnection_IsToldThere_AndTheLateEndOfTheOldOneChangesNothing()
    {
        await using WholeNode node = await StartNodeAsync(Patient);
        await using NginxServer nginx = await StartNginxAsync(node);
        await using FaultyLink first = FaultyLink.To(nginx.Port);
        await using ProxiedCar car = new("car-1", first.Port);
        await Eventually.BeTrueAsync(() => node.Index.Find("car-1") is { IsOpen: true }, "the car is there");

        int before = car.Connected;
        first.Forget();
        await Eventually.BeTrueAsync(() => car.Connected > before, "the car gave the silent link up and came back");
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder("early"), [new Car("car-1")]));
        await _pool.UntilDeliveredAsync(order, 1);

        // The old connection ends when nginx hears of it: the node cuts it, for nobody answers its bye.
        await UntilAsync(async () => (await ClosesAsync(node)).Any(close => close.StartsWith("replaced ", StringComparison.Ordinal)), "the old connection has ended");
        node.Index.Find("car-1").ShouldNotBeNull().IsOpen.ShouldBeTrue();
        Order later = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder("late"), [new Car("car-1")]));
        await _pool.UntilDeliveredAsync(later, 1);
        car.Shown.ShouldBe(["early#1", "late#1"]);
        await _pool.AuditAsync(order, 1);
        await _pool.AuditAsync(later, 1);
    }

    [Fact]
    public async Task AnIdleCar_IsKeptByTheNodesPings_AndWithoutThemNginxCutsIt()
    {
        await using WholeNode pinging = await StartNodeAsync(TestNode.Options);
        await using WholeNode silent = await StartNodeAsync(TestNode.Options with { HeartbeatInterval = TimeSpan.FromMinutes(10) });
        await using NginxServer nginx = await StartNginxAsync(pinging);
        await using NginxServer other = await StartNginxAsync(silent);
        using RawCar kept = await RawCar.ArriveAsync(new IPEndPoint(IPAddress.Loopback, nginx.Port), "kept");
        using RawCar cut = await RawCar.ArriveAsync(new IPEndPoint(IPAddress.Loopback, other.Port), "cut");

        Task<bool> isCut = cut.IsCutAsync();
        // Pings until nginx has cut the other one, and one more.
        bool more = true;
        while (more)
        {
            more = !isCut.IsCompleted;
            (await kept.ReadFrameAsync(skipPings: false)).ShouldNotBeNull().First.ShouldBe((byte)0x89);
            await kept.SendFrameAsync(0x8A, []);
        }

        (await isCut).ShouldBeTrue();
        await kept.SendTextAsync("""{"type":"ping"}""");
        ((string?)(await kept.ReadFrameAsync())!.Json!["type"]).ShouldBe("pong");
    }

    [Fact]
    public async Task NginxIsReloadedAndKilledInMidPush_TheCarsComeBack_EachIsToldOnce()
    {
        await using WholeNode node = await StartNodeAsync(Patient);
        await using NginxServer nginx = await StartNginxAsync(node);
        ProxiedCar[] cars = [.. Enumerable.Range(0, 40).Select(i => new ProxiedCar($"car-{i}", nginx.Port))];
        try
        {
            await Eventually.BeTrueAsync(() => node.Index.Count == 40, "the cars are there");
            Order order = await _pool.OpenAsync(
                await _pool.FreezeListAsync(TestPool.NewOrder(), cars.Select(car => new Car(car.Vid)), rate: 5), rate: 5);
            await _pool.UntilDeliveredAsync(order, 3);

            nginx.Reload();
            await Eventually.BeTrueAsync(() => Array.TrueForAll(cars, car => car.Connected >= 2), "all cars have a connection of the new worker");
            await nginx.KillAsync();
            await Eventually.BeTrueAsync(() => node.Index.Count == 0, "no car is there");
            await nginx.StartAgainAsync(Token);
            await Eventually.BeTrueAsync(() => node.Index.Count == 40, "the cars are back");

            await _pool.UntilDeliveredAsync(order, 40);
            cars.ShouldAllBe(car => car.Shown.Count == 1);
            await _pool.AuditAsync(order, 40);
        }
        finally
        {
            foreach (ProxiedCar car in cars)
            {
                await car.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task NoNodeIsThere_TheTokenInThePath_StandsInNoLog()
    {
        await using NginxServer nginx = await StartNginxAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Next()));
        using HttpClient http = new();

        using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://127.0.0.1:{nginx.Port}/ws/head-unit/the-token"), Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await File.ReadAllTextAsync(nginx.LogPath, Token)).ShouldNotContain("the-token");
    }

    private static Task<NginxServer> StartNginxAsync(WholeNode node) => StartNginxAsync(node.Vehicles);

    private static Task<NginxServer> StartNginxAsync(IPEndPoint node)
    {
        string folder = Path.Combine(Checkout.OfThisBuild().Root, "push-node", "nginx");
        return NginxServer.StartAsync(port => $$"""
            include {{folder}}/push-http.conf;
            upstream push_nodes { server {{node}}; }
            server {
                listen 127.0.0.1:{{port}};
                include {{folder}}/push-location.conf;
            }
            """);
    }

    /// <summary>Ended connections of the node by reason, as <c>reason number</c>.</summary>
    private static async Task<IReadOnlyList<string>> ClosesAsync(WholeNode node)
    {
        using HttpClient http = new();
        string metrics = await http.GetStringAsync(new Uri($"http://{node.Health}/metrics"), Token);
        return [.. Closes().Matches(metrics).Select(close => $"{close.Groups["reason"]} {close.Groups["number"]}")];
    }

    [GeneratedRegex("^push_node_closes_total\\{.*reason=\"(?<reason>[a-z-]+)\".*\\} (?<number>[0-9]+)$", RegexOptions.Multiline, 1000)]
    private static partial Regex Closes();

    private static Task UntilAsync(Func<Task<bool>> condition, string what) => TestPool.UntilAsync(condition, what);

    private Task<WholeNode> StartNodeAsync(NodeOptions options) => WholeNode.StartAsync(_pool, redis.ConnectionString, options);

    /// <summary>A car of the client library, from now to its disposal.</summary>
    private sealed class ProxiedCar : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _shown = new();
        private readonly VehicleConnection _connection;
        private readonly Task _running;
        private int _connected;

        public ProxiedCar(string vid, int port)
        {
            Vid = vid;
            _connection = new VehicleConnection(new VehicleOptions
            {
                Vid = vid,
                Endpoints = [new Uri($"ws://127.0.0.1:{port}/ws")],
                PingInterval = TimeSpan.FromSeconds(1),
                OnConnected = _ => Interlocked.Increment(ref _connected),
                OnPush = (push, _) =>
                {
                    _shown.Enqueue(push.Delivery);
                    return ValueTask.FromResult(DeliveryReport.Received);
                },
            });
            _running = _connection.RunAsync(_stop.Token);
        }

        public string Vid { get; }

        public int Connected => Volatile.Read(ref _connected);

        public IReadOnlyCollection<string> Shown => _shown;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _connection.Dispose();
            _stop.Dispose();
        }
    }
}
