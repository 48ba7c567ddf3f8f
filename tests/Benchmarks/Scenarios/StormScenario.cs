using System.Diagnostics;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>A node dies in mid-campaign by SIGKILL, and all of its cars come to the other one at once.</summary>
internal sealed class StormScenario : IScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public string Name => "storm";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        int cars = bench.Options.Connections;
        PoolName pool = bench.NewPool();
        await using OurNode dying = await bench.StartNodeAsync(pool, "storm-1", pingSeconds: 5);
        await using OurNode taking = await bench.StartNodeAsync(pool, "storm-2", pingSeconds: 5);
        await using CampaignDesk desk = await CampaignDesk.OpenAsync(bench.Servers, pool);
        await bench.WarmUpAsync(dying);
        await bench.WarmUpAsync(taking);
        await using CarFleet fleet = bench.StartCars(
            new FleetPlan(dying.Dialect, dying.Path, [dying.EndPoint, taking.EndPoint], cars, ComeBack: true));
        await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);
        Order order = await desk.FreezeAsync("storm", cars, new DeliveryRules());
        await Task.Delay(bench.Options.Settle);
        long idle = ProcessMeter.ResidentBytes(dying.ProcessId);

        Workbench.Say("storm: the campaign opens, and the node dies");
        await fleet.ClearAsync();
        order = await desk.OpenAsync(order, rate: null);
        CarTally before = await fleet.UntilAsync(tally => tally.Told >= cars / 10, Patience, "the first tenth to be told");
        await dying.KillAsync();
        Storm storm = await WatchAsync(taking, desk, fleet, order, cars);
        CarTally after = await fleet.ReadAsync();
        LedgerCounts counts = await desk.CountsAsync(order);
        IReadOnlyList<string> differences = await desk.AuditAsync(order);

        bool exact = after.Told == cars && counts.Delivered == cars && counts.Targeted == cars && differences.Count == 0;
        report.Tables.Add(new Table(
            $"{cars} cars come back at once, a tenth of them told",
            ["told before", "s to the last car back", "s to the last delivered", "refused with 503", "slowest handshake, ms", "peak memory, × idle", "copies beyond the first"],
            [[
                $"{before.Told}", Table.Cell(storm.Back.TotalSeconds), Table.Cell(storm.Delivered.TotalSeconds), $"{after.Refused}",
                Table.Cell(after.HandshakeWorstUs / 1e3, "0"), Table.Cell((double)storm.PeakBytes / idle, "0.00"), $"{after.Pushes - after.Told}",
            ]]));
        report.Goals.AddRange(
            Goal.AtMost("5 storm: all cars back and caught up", storm.Delivered > storm.Back ? storm.Delivered.TotalSeconds : storm.Back.TotalSeconds, 15, " s"),
            Goal.AtMost("5 storm: slowest handshake that was accepted", after.HandshakeWorstUs / 1e6, 2, " s"),
            Goal.AtMost("5 storm: peak memory against idle", (double)storm.PeakBytes / idle, 1.5),
            new Goal("5 storm: no delivery lost or doubled", exact, $"{after.Told} cars told, ledger {counts}, {differences.Count} differences in the audit"));
    }

    private static async Task<Storm> WatchAsync(OurNode taking, CampaignDesk desk, CarFleet fleet, Order order, int cars)
    {
        long began = Stopwatch.GetTimestamp();
        long peak = 0;
        TimeSpan? back = null;
        TimeSpan? delivered = null;
        // Cars of the dead node are open here until they have noticed, so the count of losses must have been seen first.
        while (back is null || delivered is null)
        {
            peak = Math.Max(peak, ProcessMeter.ResidentBytes(taking.ProcessId));
            CarTally tally = await fleet.ReadAsync();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
            if (tally.Lost >= cars && tally.Ready >= cars)
            {
                back ??= elapsed;
            }

            if ((await desk.CountsAsync(order)).Delivered >= cars)
            {
                delivered ??= elapsed;
            }

            if (elapsed > Patience)
            {
                throw new TimeoutException($"After {elapsed.TotalSeconds:0} s of the storm: {tally}, ledger {await desk.CountsAsync(order)}.");
            }

            await Task.Delay(Look);
        }

        return new Storm(back.Value, delivered.Value, peak);
    }

    private readonly record struct Storm(TimeSpan Back, TimeSpan Delivered, long PeakBytes);
}
