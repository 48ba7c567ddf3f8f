using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;

namespace PushPlatform.Benchmarks;

/// <summary>What scenarios work with: the client's program, the servers that our nodes need, and a folder. Everything started from here ends with it.</summary>
internal sealed class Workbench : IAsyncDisposable
{
    private const int WarmUpCars = 300;
    private const int WarmUpMessages = 10;

    private readonly string _folder;
    private readonly string _cars;
    private readonly string _floor;
    private int _pools;

    private Workbench(BenchOptions options, BackEnd servers, string folder, string cars, string floor)
    {
        (Options, Servers, _cars, _floor, _folder) = (options, servers, cars, floor, folder);
        Names = options.Peers
            ? [FloorPeer.Label, HttpPeer.Nchan, OurNode.Label, HttpPeer.NodeWs, HttpPeer.AspNet, HttpPeer.SignalR]
            : [FloorPeer.Label, OurNode.Label];
    }

    public BenchOptions Options { get; }

    public BackEnd Servers { get; }

    /// <summary>Of the servers to compare.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <exception cref="InvalidOperationException">A program could not be compiled or a server did not start.</exception>
    public static async Task<Workbench> SetUpAsync(BenchOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("push-bench-").FullName;
        string cars = await NativeProgram.BuildAsync("Client", folder);
        string floor = await NativeProgram.BuildAsync("Peers/Floor", folder);
        return new Workbench(options, await BackEnd.StartAsync(), folder, cars, floor);
    }

    public static void Say(string what) => Console.Error.WriteLine(what);

    public async Task<PushServer> StartServerAsync(string name, int pingSeconds) => name switch
    {
        FloorPeer.Label => FloorPeer.Start(_floor),
        OurNode.Label => await StartNodeAsync(NewPool(), "bench", pingSeconds),
        _ => await HttpPeer.StartAsync(name, _folder, pingSeconds),
    };

    public PoolName NewPool() => new("bench", $"pool-{Interlocked.Increment(ref _pools)}");

    /// <param name="group">What its memory is limited by; null: by nothing.</param>
    public Task<OurNode> StartNodeAsync(PoolName pool, string name, int pingSeconds, MemoryGroup? group = null) =>
        OurNode.StartAsync(Servers, pool, name, _folder, pingSeconds, group);

    public CarFleet StartCars(PushServer server, int cars) => StartCars(new FleetPlan(server.Dialect, server.Path, [server.EndPoint], cars));

    public CarFleet StartCars(FleetPlan plan) => CarFleet.Start(_cars, plan);

    /// <summary>Some cars come, hear a few messages and leave: code is compiled and pools are filled before anything is measured.</summary>
    public async Task WarmUpAsync(PushServer server)
    {
        int cars = Math.Min(WarmUpCars, Options.Connections);
        await using CarFleet fleet = StartCars(server, cars);
        await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, Options.ConnectPatience);
        for (int message = 0; message < WarmUpMessages; message++)
        {
            await fleet.ClearAsync();
            await server.PublishAsync(BenchMessage.TextFor(server));
            await fleet.UntilAsync(tally => tally.Messages >= cars, TimeSpan.FromSeconds(20), $"the warm-up of {server.Name}");
        }

        await fleet.ShutAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Servers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
