using System.Diagnostics;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>One message to every car, once a second: what a message costs the server. Nobody pings meanwhile, so nothing else is counted.</summary>
internal sealed class BroadcastScenario : IScenario
{
    private const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "broadcast";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        List<Reading> all = [];
        for (int pass = 1; pass <= bench.Options.Passes; pass++)
        {
            foreach (string name in bench.Names)
            {
                Workbench.Say($"broadcast: {name}, pass {pass} of {bench.Options.Passes}");
                all.Add(await MeasureAsync(bench, name));
            }
        }

        Reading[] medians = [.. all.GroupBy(reading => reading.Server).Select(group => group.OrderBy(reading => reading.Cost).ElementAt(group.Count() / 2))];
        Reading floor = medians.Single(reading => reading.Server == FloorPeer.Label);
        Reading own = medians.Single(reading => reading.Server == OurNode.Label);
        Reading? nchan = medians.SingleOrDefault(reading => reading.Server == HttpPeer.Nchan);
        report.Tables.Add(new Table(
            $"{BenchMessage.Size} bytes to each of {bench.Options.Connections} connections once a second, {bench.Options.Rounds} rounds, median of {bench.Options.Passes}",
            ["server", "µs / message", "user", "system", "× floor", "× Nchan", "ms to the last car", "client, % of a core while it ran"],
            [.. medians.Select(reading => reading.Row(floor, nchan))]));
        report.Goals.AddRange(
            Goal.Ratio("2 broadcast: CPU of a message against the floor", own.Cost, floor.Cost, 1.35, " µs"),
            Goal.Ratio("2 broadcast: CPU of a message against Nchan", own.Cost, nchan?.Cost, 1.15, " µs"),
            Goal.AtMost("2 broadcast: bytes that the node allocates for a message, background left out", own.AllocatedBytes ?? double.NaN, 1, " B"),
            Goal.AtMost("the client is not the limit: its busiest share of a core", medians.Max(reading => reading.ClientPercent), 90, " %"));
    }

    private static async Task<Reading> MeasureAsync(Workbench bench, string name)
    {
        BenchOptions options = bench.Options;
        await using PushServer server = await bench.StartServerAsync(name, pingSeconds: 0);
        await bench.WarmUpAsync(server);
        await using CarFleet fleet = bench.StartCars(server, options.Connections);
        await fleet.OpenAsync(options.Connections, BenchOptions.ConnectsPerSecond, options.ConnectPatience);
        await Task.Delay(options.Settle);

        OurNode? own = server as OurNode;
        double perSecond = own is null ? 0 : await BackgroundAsync(own, options.IdleWindow);
        double allocated = own is null ? 0 : await own.Metrics.SumAsync(Allocated);
        long began = Stopwatch.GetTimestamp();
        CpuTime before = ProcessMeter.Cpu(server.ProcessId);
        List<Round> rounds = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            rounds.Add(await PlayAsync(server, fleet, options.Connections));
        }

        CpuTime used = ProcessMeter.Cpu(server.ProcessId) - before;
        long messages = (long)options.Rounds * options.Connections;
        return new Reading(
            name, used, messages, rounds.Average(round => round.Milliseconds), 100 * rounds.Sum(round => round.ClientMilliseconds) / rounds.Sum(round => round.Milliseconds),
            own is null ? null : (await own.Metrics.SumAsync(Allocated) - allocated - (perSecond * Stopwatch.GetElapsedTime(began).TotalSeconds)) / messages);
    }

    /// <summary>Bytes that the node allocates a second without being asked for anything: beats, confirmations of sessions, metrics.</summary>
    private static async Task<double> BackgroundAsync(OurNode node, TimeSpan window)
    {
        double before = await node.Metrics.SumAsync(Allocated);
        await Task.Delay(window);
        return (await node.Metrics.SumAsync(Allocated) - before) / window.TotalSeconds;
    }

    /// <exception cref="InvalidOperationException">Not each car got the message once and whole.</exception>
    private static async Task<Round> PlayAsync(PushServer server, CarFleet fleet, int connections)
    {
        await fleet.ClearAsync();
        CarTally before = await fleet.ReadAsync();
        long published = Stopwatch.GetTimestamp();
        await server.PublishAsync(BenchMessage.TextFor(server));
        CarTally after = await fleet.UntilAsync(tally => tally.Messages >= connections, Patience, $"a message of {server.Name}");
        TimeSpan rest = Period - Stopwatch.GetElapsedTime(published);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);

        CarTally final = await fleet.ReadAsync();
        if (final.Messages != connections || final.Bytes != (long)connections * BenchMessage.WireSize || final.Faults > 0)
        {
            throw new InvalidOperationException($"{server.Name}: {connections} messages of {BenchMessage.WireSize} bytes were due, but cars saw {final}.");
        }

        // Both are the monotonic clock, whose unit here is the nanosecond.
        return new Round((after.LastAt - published) / 1e6, (after.CpuUs - before.CpuUs) / 1e3);
    }

    /// <param name="Milliseconds">From publishing to the last car.</param>
    /// <param name="ClientMilliseconds">CPU of the client meanwhile.</param>
    private readonly record struct Round(double Milliseconds, double ClientMilliseconds);

    private sealed record Reading(string Server, CpuTime Used, long Messages, double Milliseconds, double ClientPercent, double? AllocatedBytes)
    {
        public double Cost => Used.MicrosecondsEach(Messages);

        public IReadOnlyList<string> Row(Reading floor, Reading? nchan) =>
        [
            Server, Table.Cell(Cost), Table.Cell(Used.User.TotalMicroseconds / Messages), Table.Cell(Used.System.TotalMicroseconds / Messages),
            Table.Cell(Cost / floor.Cost, "0.00"), Table.Cell(Cost / nchan?.Cost, "0.00"), Table.Cell(Milliseconds, "0"), Table.Cell(ClientPercent, "0"),
        ];
    }
}
