using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>What a connected car costs that nobody talks to: memory, and CPU with pings.</summary>
internal sealed class IdleScenario : IScenario
{
    private const int PingSeconds = 5;
    private const double Kilobyte = 1024;

    public string Name => "idle";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        List<Reading> readings = [];
        foreach (string name in bench.Names.Where(name => name != FloorPeer.Label))
        {
            Workbench.Say($"idle: {name}");
            readings.Add(await MeasureAsync(bench, name));
        }

        Reading own = readings.Single(reading => reading.Server == OurNode.Label);
        Reading? nchan = readings.Find(reading => reading.Server == HttpPeer.Nchan);
        Reading? signalR = readings.Find(reading => reading.Server == HttpPeer.SignalR);
        report.Tables.Add(new Table(
            $"{bench.Options.Connections} idle connections, a ping each every {PingSeconds} s",
            ["server", "KB / connection", "× Nchan", "CPU, % of a core", "× Nchan", "memory after a burst, × idle", $"KB / connection after {bench.Options.Cycles} cycles"],
            [.. readings.Select(reading => reading.Row(nchan))]));
        report.Goals.AddRange(
            Goal.Ratio("1 idle: memory of a car against Nchan", own.Kilobytes, nchan?.Kilobytes, 0.6, " KB"),
            Goal.Ratio("1 idle: memory of a car against SignalR", own.Kilobytes, signalR?.Kilobytes, 0.27, " KB"),
            Goal.Ratio($"1 idle: CPU with {PingSeconds} s pings against Nchan", own.CpuPercent, nchan?.CpuPercent, 1.5, " %"),
            Goal.AtMost($"1 idle: memory {bench.Options.AfterBurst.TotalSeconds:0} s after a message to all, against before", own.AfterBurst, 1.15),
            Goal.AtMost($"1 idle: memory after {bench.Options.Cycles} cycles of connecting and leaving, against the first", own.AfterCycles / own.Kilobytes, 1.1));
    }

    private static async Task<Reading> MeasureAsync(Workbench bench, string name)
    {
        BenchOptions options = bench.Options;
        await using PushServer server = await bench.StartServerAsync(name, PingSeconds);
        await bench.WarmUpAsync(server);
        await using CarFleet fleet = bench.StartCars(server, options.Connections);
        await Task.Delay(options.Settle);
        long empty = ProcessMeter.ResidentBytes(server.ProcessId);

        await fleet.OpenAsync(options.Connections, BenchOptions.ConnectsPerSecond, options.ConnectPatience);
        await Task.Delay(options.Settle);
        long idle = ProcessMeter.ResidentBytes(server.ProcessId);

        await fleet.ClearAsync();
        CpuTime before = ProcessMeter.Cpu(server.ProcessId);
        await Task.Delay(options.IdleWindow);
        CpuTime used = ProcessMeter.Cpu(server.ProcessId) - before;
        CarTally tally = await fleet.ReadAsync();
        RequirePings(name, tally, options);

        await server.PublishAsync(BenchMessage.TextFor(server));
        await fleet.UntilAsync(seen => seen.Messages >= options.Connections, TimeSpan.FromSeconds(30), $"the message of {name}");
        await Task.Delay(options.AfterBurst);
        long afterBurst = ProcessMeter.ResidentBytes(server.ProcessId);

        return new Reading(
            name,
            (idle - empty) / Kilobyte / options.Connections,
            100 * used.Total / options.IdleWindow,
            (double)afterBurst / idle,
            name == OurNode.Label ? (await CycleAsync(bench, server, fleet) - empty) / Kilobyte / options.Connections : null);
    }

    /// <summary>Resident bytes with all cars connected for the last time.</summary>
    private static async Task<long> CycleAsync(Workbench bench, PushServer server, CarFleet fleet)
    {
        BenchOptions options = bench.Options;
        for (int cycle = 0; cycle < options.Cycles; cycle++)
        {
            Workbench.Say($"idle: cycle {cycle + 1} of {options.Cycles}");
            await fleet.ShutAsync();
            await fleet.UntilAsync(tally => tally.Open == 0, TimeSpan.FromSeconds(10), "all cars to leave");
            await fleet.OpenAsync(options.Connections, BenchOptions.ConnectsPerSecond, options.ConnectPatience);
        }

        await Task.Delay(options.Settle);
        return ProcessMeter.ResidentBytes(server.ProcessId);
    }

    /// <summary>A server that does not ping is idle at no cost: that would be no comparison.</summary>
    private static void RequirePings(string name, CarTally tally, BenchOptions options)
    {
        double expected = options.Connections * options.IdleWindow.TotalSeconds / PingSeconds;
        if (tally.Open != options.Connections || tally.Pings < 0.6 * expected || tally.Pings > 1.4 * expected)
        {
            throw new InvalidOperationException($"{name} holds {tally.Open} connections and sent {tally.Pings} pings where about {expected:0} were due.");
        }
    }

    private sealed record Reading(string Server, double Kilobytes, double CpuPercent, double AfterBurst, double? AfterCyclesOrNone)
    {
        public double AfterCycles => AfterCyclesOrNone ?? Kilobytes;

        public IReadOnlyList<string> Row(Reading? nchan) =>
        [
            Server, Table.Cell(Kilobytes), Table.Cell(Kilobytes / nchan?.Kilobytes, "0.00"), Table.Cell(CpuPercent),
            Table.Cell(CpuPercent / nchan?.CpuPercent, "0.00"), Table.Cell(AfterBurst, "0.00"), Table.Cell(AfterCyclesOrNone),
        ];
    }
}
