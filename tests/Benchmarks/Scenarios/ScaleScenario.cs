using System.Diagnostics;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>A large pool beside a small one, with a campaign at the same rate in one and then in the other: does a car cost more where there are many?</summary>
internal sealed class ScaleScenario : IScenario
{
    private const int Rate = 5000;
    private const int PingSeconds = 30;
    private const int Turns = 2;
    private const double MostOfTheSmallPools = 1.3;

    public string Name => "scale";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        await using Pool small = await Pool.StartAsync(bench, nodes: 1, bench.Options.Connections);
        await using Pool large = await Pool.StartAsync(bench, bench.Options.ScaleNodes, bench.Options.ScaleCars);
        List<(Pool Pool, Reading Reading)> readings = [];
        for (int turn = 0; turn < Turns; turn++)
        {
            foreach (Pool pool in new[] { small, large })
            {
                Workbench.Say($"scale: a campaign to {pool.Cars} cars, turn {turn + 1} of {Turns}");
                readings.Add((pool, await pool.MeasureAsync($"scale-{turn}", bench.Options.IdleWindow)));
            }
        }

        Reading few = readings.Where(reading => reading.Pool == small).Select(reading => reading.Reading).MinBy(reading => reading.Cost)!;
        Reading many = readings.Where(reading => reading.Pool == large).Select(reading => reading.Reading).MinBy(reading => reading.Cost)!;
        report.Tables.Add(new Table(
            $"Campaigns at {Rate} a second, pings every {PingSeconds} s, in turns",
            ["cars", "nodes", "s", "node CPU, µs / delivered car", "of which pings and the like", "KB / car"],
            [.. readings.Select(reading => reading.Reading.Row(reading.Pool))]));
        report.Goals.AddRange(
            new Goal($"6 scale: a campaign to {large.Cars} cars on {large.Nodes} nodes completes exactly", readings.All(reading => reading.Reading.Exact), $"{readings.Count} campaigns, counted by the cars, the ledger and its audit"),
            Goal.Ratio($"6 scale: CPU of a delivered car among {large.Cars} against {small.Cars}", many.Cost, few.Cost, MostOfTheSmallPools, " µs"),
            Goal.Ratio($"6 scale: memory of a car among {large.Cars} against {small.Cars}", large.Kilobytes, small.Kilobytes, MostOfTheSmallPools, " KB"));
    }

    /// <param name="Used">CPU of all nodes from the opening of the gate to the last delivery.</param>
    /// <param name="Idle">What they would have used in that time without a campaign, as measured just before it.</param>
    private sealed record Reading(int Cars, TimeSpan Took, TimeSpan Used, TimeSpan Idle, bool Exact)
    {
        /// <summary>µs of a delivered car, without what the others' pings cost meanwhile: that depends on how long a campaign takes.</summary>
        public double Cost => (Used - Idle).TotalMicroseconds / Cars;

        public IReadOnlyList<string> Row(Pool pool) =>
        [
            $"{pool.Cars}", $"{pool.Nodes}", Table.Cell(Took.TotalSeconds), Table.Cell(Used.TotalMicroseconds / Cars), Table.Cell(Idle.TotalMicroseconds / Cars), Table.Cell(pool.Kilobytes),
        ];
    }

    /// <summary>Nodes with their cars, connected.</summary>
    private sealed class Pool(int cars, IReadOnlyList<OurNode> nodes, CampaignDesk desk, CarFleet fleet) : IAsyncDisposable
    {
        public int Cars => cars;

        public int Nodes => nodes.Count;

        public double Kilobytes { get; private set; }

        public static async Task<Pool> StartAsync(Workbench bench, int nodes, int cars)
        {
            Workbench.Say($"scale: {cars} cars connect to {nodes} nodes");
            PoolName name = bench.NewPool();
            List<OurNode> started = [];
            for (int node = 1; node <= nodes; node++)
            {
                started.Add(await bench.StartNodeAsync(name, $"scale-{nodes}-{node}", PingSeconds));
                await bench.WarmUpAsync(started[^1]);
            }

            CarFleet fleet = bench.StartCars(new FleetPlan(started[0].Dialect, started[0].Path, [.. started.Select(node => node.EndPoint)], cars));
            Pool pool = new(cars, started, await CampaignDesk.OpenAsync(bench.Servers, name), fleet);
            await Task.Delay(bench.Options.Settle / 2);
            long empty = pool.Resident();
            await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, TimeSpan.FromSeconds(60 + (4.0 * cars / BenchOptions.ConnectsPerSecond)));
            await Task.Delay(bench.Options.Settle);
            pool.Kilobytes = (pool.Resident() - empty) / 1024.0 / cars;
            return pool;
        }

        public async Task<Reading> MeasureAsync(string campaign, TimeSpan idleWindow)
        {
            Order order = await desk.FreezeAsync(campaign, cars, new DeliveryRules());
            TimeSpan before = Cpu();
            await Task.Delay(idleWindow);
            double idleShare = (Cpu() - before) / idleWindow;

            await fleet.ClearAsync();
            before = Cpu();
            long opened = Stopwatch.GetTimestamp();
            order = await desk.OpenAsync(order, Rate);
            TimeSpan patience = TimeSpan.FromSeconds(60 + (5.0 * cars / Rate));
            await fleet.UntilAsync(tally => tally.Told >= cars, patience, $"{cars} cars to be told");
            await desk.UntilDeliveredAsync(order, cars, patience);
            TimeSpan took = Stopwatch.GetElapsedTime(opened);
            TimeSpan used = Cpu() - before;
            CarTally tally = await fleet.ReadAsync();
            bool exact = tally.Pushes == cars && tally.Told == cars && (await desk.CountsAsync(order)).Targeted == cars && (await desk.AuditAsync(order)).Count == 0;
            await desk.CloseAsync(order);
            return new Reading(cars, took, used, took * idleShare, exact);
        }

        public async ValueTask DisposeAsync()
        {
            await fleet.DisposeAsync();
            await desk.DisposeAsync();
            foreach (OurNode node in nodes)
            {
                await node.DisposeAsync();
            }
        }

        private TimeSpan Cpu() => nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + ProcessMeter.Cpu(node.ProcessId).Total);

        private long Resident() => nodes.Sum(node => ProcessMeter.ResidentBytes(node.ProcessId));
    }
}
