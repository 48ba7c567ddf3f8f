using System.Diagnostics;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>How long a direct message to one car takes, from the service's hand to the car's, with all others connected.</summary>
internal sealed class LatencyScenario : IScenario
{
    private const int PerSecond = 1000;

    public string Name => "latency";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        int cars = bench.Options.Connections;
        await using OurNode node = await bench.StartNodeAsync(bench.NewPool(), "latency", pingSeconds: 5);
        await bench.WarmUpAsync(node);
        await using CarFleet fleet = bench.StartCars(node, cars);
        await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);

        Workbench.Say($"latency: {PerSecond} messages a second");
        await SayAsync(node, cars, TimeSpan.FromSeconds(5));
        await Task.Delay(bench.Options.Settle / 10);
        await fleet.ClearAsync();
        int said = await SayAsync(node, cars, bench.Options.IdleWindow);
        CarTally tally = await fleet.UntilAsync(seen => seen.Messages >= said, TimeSpan.FromSeconds(10), $"{said} messages");

        report.Tables.Add(new Table(
            $"{PerSecond} direct messages a second, each to one of {cars} cars, through RabbitMQ",
            ["messages", "p50, ms", "p99, ms", "worst, ms"],
            [[$"{said}", Table.Cell(tally.P50Us / 1e3, "0.00"), Table.Cell(tally.P99Us / 1e3, "0.00"), Table.Cell(tally.WorstUs / 1e3, "0.00")]]));
        report.Goals.AddRange(
            Goal.AtMost("7 latency: p50", tally.P50Us / 1e3, 3, " ms"),
            Goal.AtMost("7 latency: p99", tally.P99Us / 1e3, 15, " ms"));
    }

    /// <summary>Returns how many were said. What is late is made up for, so that the rate is kept and no wait goes unseen.</summary>
    private static async Task<int> SayAsync(OurNode node, int cars, TimeSpan during)
    {
        long began = Stopwatch.GetTimestamp();
        int said = 0;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(began)) < during)
        {
            for (; said < elapsed.TotalSeconds * PerSecond; said++)
            {
                // When it was due, not when it was said: a sender that stalls is part of what a service waits for.
                long due = began + (long)(said * (double)Stopwatch.Frequency / PerSecond);
                await node.SayAsync($$$"""{"id":"l-{{{said}}}","to":{"vids":["bench-{{{Random.Shared.Next(cars):D7}}}"]},"payload":{"t":{{{due}}}}}""");
            }

            await Task.Delay(1);
        }

        return said;
    }
}
