using System.Diagnostics;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>A whole campaign at full speed: lease, claim, send, ack, settle, on a real Redis and RabbitMQ. What does a delivered car cost, and where?</summary>
internal sealed class CampaignScenario : IScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Name => "campaign";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        int cars = bench.Options.Connections;
        PoolName pool = bench.NewPool();
        await using OurNode node = await bench.StartNodeAsync(pool, "campaign", pingSeconds: 5);
        await using CampaignDesk desk = await CampaignDesk.OpenAsync(bench.Servers, pool);
        await bench.WarmUpAsync(node);
        await using CarFleet fleet = bench.StartCars(node, cars);
        await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);

        // The first is the warm-up of what no direct message needs: leases, claims, settling.
        List<Reading> readings = [];
        for (int pass = 0; pass <= bench.Options.Passes; pass++)
        {
            Workbench.Say($"campaign: {(pass == 0 ? "warm-up" : $"pass {pass} of {bench.Options.Passes}")}");
            Reading reading = await MeasureAsync(bench, node, desk, fleet, $"full-speed-{pass}");
            if (pass > 0)
            {
                readings.Add(reading);
            }
        }

        Reading median = readings.OrderBy(reading => reading.Node.Total).ElementAt(readings.Count / 2);
        report.Tables.Add(new Table(
            $"A campaign to {cars} cars at full speed: {cars / median.Took.TotalSeconds:0} cars/s, median of {bench.Options.Passes}",
            ["where", "µs / delivered car"],
            [.. median.Rows(cars)]));
        report.Goals.AddRange(
            Goal.AtMost("3 campaign: node CPU of a delivered car", median.Node.MicrosecondsEach(cars), 70, " µs"),
            Goal.AtMost("3 campaign: Redis CPU of a delivered car", median.Redis.MicrosecondsEach(cars), 10, " µs"),
            Goal.AtLeast("3 campaign: cars a second", cars / median.Took.TotalSeconds, 7000));
    }

    private static async Task<Reading> MeasureAsync(Workbench bench, OurNode node, CampaignDesk desk, CarFleet fleet, string campaign)
    {
        int cars = bench.Options.Connections;
        Order order = await desk.FreezeAsync(campaign, cars, new DeliveryRules());
        await Task.Delay(bench.Options.Settle / 5);
        await fleet.ClearAsync();
        Snapshot before = await Snapshot.TakeAsync(bench, node, fleet);
        long opened = Stopwatch.GetTimestamp();
        order = await desk.OpenAsync(order, rate: null);
        await fleet.UntilAsync(tally => tally.Told >= cars, Patience, "all cars to be told");
        await desk.UntilDeliveredAsync(order, cars, Patience);
        TimeSpan took = Stopwatch.GetElapsedTime(opened);
        Snapshot after = await Snapshot.TakeAsync(bench, node, fleet);
        if (after.Cars.Pushes != cars || after.Cars.Bytes != (long)cars * BenchMessage.WireSize)
        {
            throw new InvalidOperationException($"{cars} notices of {BenchMessage.WireSize} bytes were due, but cars saw {after.Cars}.");
        }

        await desk.CloseAsync(order);
        return new Reading(took, before, after);
    }

    private sealed record Snapshot(
        CpuTime Node, CpuTime Redis, CpuTime Rabbit, CarTally Cars,
        IReadOnlyDictionary<string, TimeSpan> NodeThreads, IReadOnlyDictionary<string, string> RedisCommands)
    {
        public static async Task<Snapshot> TakeAsync(Workbench bench, OurNode node, CarFleet fleet) => new(
            ProcessMeter.Cpu(node.ProcessId),
            await bench.Servers.RedisCpuAsync(),
            ProcessMeter.Cpu(bench.Servers.Rabbit.ProcessId),
            await fleet.ReadAsync(),
            ProcessMeter.CpuByThread(node.ProcessId),
            await bench.Servers.InfoAsync("commandstats"));
    }

    private sealed record Reading(TimeSpan Took, Snapshot Before, Snapshot After)
    {
        public CpuTime Node => After.Node - Before.Node;

        public CpuTime Redis => After.Redis - Before.Redis;

        public IEnumerable<IReadOnlyList<string>> Rows(int cars)
        {
            yield return ["push node", Table.Cell(Node.MicrosecondsEach(cars))];
            yield return ["  in user mode", Table.Cell(Node.User.TotalMicroseconds / cars)];
            yield return ["  in the kernel", Table.Cell(Node.System.TotalMicroseconds / cars)];
            foreach ((string name, TimeSpan used) in After.NodeThreads
                .Select(thread => (thread.Key, thread.Value - Before.NodeThreads.GetValueOrDefault(thread.Key)))
                .Where(thread => thread.Item2 > TimeSpan.FromMilliseconds(10))
                .OrderByDescending(thread => thread.Item2))
            {
                yield return [$"  threads {name}", Table.Cell(used.TotalMicroseconds / cars)];
            }

            yield return ["Redis", Table.Cell(Redis.MicrosecondsEach(cars))];
            foreach ((string command, double spent) in Commands().Where(command => command.Spent > cars / 20.0).OrderByDescending(command => command.Spent))
            {
                yield return [$"  in {command}", Table.Cell(spent / cars)];
            }

            yield return ["RabbitMQ", Table.Cell((After.Rabbit - Before.Rabbit).MicrosecondsEach(cars))];
            yield return ["the cars (client)", Table.Cell((After.Cars.CpuUs - Before.Cars.CpuUs) / (double)cars)];
        }

        private IEnumerable<(string Command, double Spent)> Commands() => After.RedisCommands.Select(command =>
            (command.Key["cmdstat_".Length..], Spent(command.Value) - (Before.RedisCommands.TryGetValue(command.Key, out string? then) ? Spent(then) : 0)));

        /// <summary>µs, of <c>calls=…,usec=…,usec_per_call=…</c>.</summary>
        private static double Spent(string statistics) =>
            double.Parse(statistics.Split(',').Single(part => part.StartsWith("usec=", StringComparison.Ordinal))["usec=".Length..]);
    }
}
