using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Registry;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>What a campaign costs the operator and the API server, by the number of its targets. A few of them are online and are told slowly; the rest is away.</summary>
internal sealed class OperatorScenario : IScenario
{
    private const int Online = 1000;
    private const int MaxPerSecond = 10;
    private const int StatusBytes = 16 * 1024;
    private const double Flat = 1.3;

    private static readonly TimeSpan FreezeWithin = TimeSpan.FromMinutes(5);

    public string Name => "operator";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        List<Reading> readings = [];
        foreach (int targets in new[] { Online, bench.Options.LedgerVids })
        {
            Workbench.Say($"operator: {targets} targets");
            readings.Add(await MeasureAsync(bench, targets));
        }

        (Reading few, Reading many) = (readings[0], readings[1]);
        report.Tables.Add(new Table(
            $"A running campaign as the operator has it, {bench.Options.OperatorWindow.TotalSeconds:0} s each",
            ["targets", "s to freeze", "operator CPU, % of a core", "API calls / s", "status changes / s", "largest status, bytes"],
            [.. readings.Select(reading => reading.Row())]));
        report.Goals.AddRange(
            Goal.Ratio($"3 operator: CPU with {many.Targets} targets against {few.Targets}", many.CpuPercent, few.CpuPercent, Flat, " %"),
            Goal.Ratio($"3 operator: API calls with {many.Targets} targets against {few.Targets}", many.CallsPerSecond, few.CallsPerSecond, Flat, "/s"),
            Goal.AtMost("6 scale: status changes a second", readings.Max(reading => reading.ChangesPerSecond), 1),
            Goal.AtMost("6 scale: largest status", readings.Max(reading => reading.StatusBytes), StatusBytes, " bytes"));
    }

    private static async Task<Reading> MeasureAsync(Workbench bench, int targets)
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions { Nodes = 1, Say = Workbench.Say }, CancellationToken.None);
        await SeedAsync(stage, targets - Online);
        Uri node = stage.VehicleEndpointOf((await stage.Pods.NodesAsync(CancellationToken.None))[0]);
        await using CarFleet fleet = bench.StartCars(
            new FleetPlan(Dialect.Push, $"{node.AbsolutePath}?vid=%s", [new IPEndPoint(IPAddress.Parse(node.Host), node.Port)], Online));
        await fleet.OpenAsync(Online, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);

        PushCampaign campaign = new()
        {
            Metadata = new() { Name = "large", NamespaceProperty = Manifests.Namespace },
            Spec = new()
            {
                PoolRef = new() { Name = Manifests.Pool },
                Patch = new() { Id = "brake-ecu", Version = "4.2.1" },
                Targets = new() { All = true },
                Pace = new() { MaxPerSecond = MaxPerSecond },
            },
        };
        long applied = Stopwatch.GetTimestamp();
        await stage.ApplyAsync(campaign, CancellationToken.None);
        await stage.UntilAsync(
            $"{targets} cars to be targets and the first to be told",
            async token => (await stage.CampaignAsync("large", token))?.Status is { Counts: { } counts } && counts.Targeted == targets && counts.Delivered > 0,
            FreezeWithin,
            CancellationToken.None);
        TimeSpan freezing = Stopwatch.GetElapsedTime(applied);
        await Task.Delay(bench.Options.Settle);
        return await WatchAsync(stage, targets, freezing, bench.Options.OperatorWindow);
    }

    private static async Task<Reading> WatchAsync(Stage stage, int targets, TimeSpan freezing, TimeSpan window)
    {
        StagePod leader = (await stage.Pods.OperatorsAsync(CancellationToken.None)).Single();
        using MetricsPage metrics = new(new IPEndPoint(IPAddress.Parse(leader.Address), 8081));
        double cpu = await metrics.SumAsync("dotnet_process_cpu_time_seconds_total");
        double calls = await metrics.SumAsync("rest_client_requests_total");
        HashSet<string> versions = [];
        int largest = 0;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < window)
        {
            PushCampaign seen = (await stage.CampaignAsync("large", CancellationToken.None))!;
            versions.Add(seen.Metadata.ResourceVersion!);
            largest = Math.Max(largest, JsonSerializer.SerializeToUtf8Bytes(seen.Status, Manifests.Json.TypeInfo<PushCampaign>().Options).Length);
            await Task.Delay(100);
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new Reading(
            targets, freezing, 100 * (await metrics.SumAsync("dotnet_process_cpu_time_seconds_total") - cpu) / seconds,
            (await metrics.SumAsync("rest_client_requests_total") - calls) / seconds, (versions.Count - 1) / seconds, largest);
    }

    /// <summary>Cars that were here once and are away.</summary>
    private static async Task SeedAsync(Stage stage, int cars)
    {
        await using RedisStore store = await RedisStore.ConnectAsync(stage.Redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        PoolName pool = new(Manifests.Namespace, Manifests.Pool);
        await Task.WhenAll(Enumerable.Range(0, cars).Select(number => $"away-{number:D7}").GroupBy(vid => Shards.Of(vid)).Select(async shard =>
        {
            foreach (string[] batch in shard.Chunk(256))
            {
                Arrival[] arrivals = [.. batch.Select(vid => new Arrival(vid, null, null))];
                IReadOnlyList<Arrived> arrived = await Insistence.AnsweredAsync(() =>
                    store.Vehicles.ArriveAsync(pool, shard.Key, "bench", arrivals, CancellationToken.None));
                VehicleSession[] sessions = [.. arrived.Select(one => new VehicleSession(one.Vid, one.Session))];
                await Insistence.AnsweredAsync(() => store.Vehicles.LeaveAsync(pool, shard.Key, sessions, CancellationToken.None));
            }
        }));
    }

    private sealed record Reading(int Targets, TimeSpan Freezing, double CpuPercent, double CallsPerSecond, double ChangesPerSecond, int StatusBytes)
    {
        public IReadOnlyList<string> Row() =>
        [
            $"{Targets}", Table.Cell(Freezing.TotalSeconds), Table.Cell(CpuPercent), Table.Cell(CallsPerSecond), Table.Cell(ChangesPerSecond, "0.00"), $"{StatusBytes}",
        ];
    }
}
