using System.Diagnostics;
using System.Net;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>What explicit lists cost the operator, by their length: it has the memory that the chart gives it.</summary>
internal sealed class ListsScenario : IScenario
{
    private const int Few = 1000;
    private const int VidsInAMap = 50_000;
    private const double MiB = 1 << 20;

    /// <summary>The chart's limit, and what .NET takes of it for its heap.</summary>
    private const double Limit = 256;
    private const string HeapLimit = "0xC000000";

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    public string Name => "lists";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        List<Reading> readings = [];
        foreach (int vids in new[] { Few, bench.Options.LedgerVids })
        {
            Workbench.Say($"lists: {vids} vids");
            readings.Add(await MeasureAsync(vids));
        }

        report.Tables.Add(new Table(
            "Lists of vids in ConfigMaps, cars that were never seen",
            ["vids", "s until they are read and counted", "s more until they are written down", "MiB before", "most while it works"],
            [.. readings.Select(reading => reading.Row())]));
        report.Goals.Add(Goal.AtMost($"6 scale: memory of an operator that is given {Limit} MiB, {readings[1].Vids} vids", readings[1].Most, Limit, " MiB"));
    }

    private static async Task<Reading> MeasureAsync(int vids)
    {
        StageOptions options = new() { Nodes = 1, Say = Workbench.Say, OperatorEnvironment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit } };
        await using Stage stage = await Stage.SetUpAsync(options, CancellationToken.None);
        List<VidSource> lists = await KeepAsync(stage, vids);
        StagePod leader = (await stage.Pods.OperatorsAsync(CancellationToken.None)).Single();
        using MetricsPage metrics = new(new IPEndPoint(IPAddress.Parse(leader.Address), 8081));
        double before = await MemoryAsync(metrics);
        double most = before;

        async Task<TimeSpan> UntilAsync(string what, Func<PushCampaignStatus, bool> condition)
        {
            long began = Stopwatch.GetTimestamp();
            await stage.UntilAsync(
                what,
                async token =>
                {
                    most = Math.Max(most, await MemoryAsync(metrics));
                    return (await stage.CampaignAsync("listed", token))?.Status is { } status && condition(status);
                },
                Within,
                CancellationToken.None);
            return Stopwatch.GetElapsedTime(began);
        }

        await stage.ApplyAsync(Campaign(lists, suspend: true), CancellationToken.None);
        TimeSpan counted = await UntilAsync($"{vids} vids to be counted", status => status.Preview?.Matched == vids);
        await stage.ApplyAsync(Campaign(lists, suspend: false), CancellationToken.None);
        TimeSpan written = await UntilAsync($"{vids} vids to be targets", status => status is { Phase: CampaignPhase.Pushing or CampaignPhase.CatchingUp, Counts: { } counts } && counts.Targeted == vids);
        return new Reading(vids, counted, written, before, most);
    }

    private static async Task<List<VidSource>> KeepAsync(Stage stage, int vids)
    {
        List<VidSource> lists = [];
        foreach (int[] part in Enumerable.Range(0, vids).Chunk(VidsInAMap))
        {
            string name = $"part-{lists.Count}";
            V1ConfigMap map = new()
            {
                Metadata = new() { Name = name, NamespaceProperty = Manifests.Namespace },
                Data = new() { ["vids"] = string.Join('\n', part.Select(number => $"WVWZZZ1JZ{number:D8}")) },
            };
            await stage.Kubernetes.CreateAsync(map, cancellationToken: CancellationToken.None);
            lists.Add(new VidSource { ConfigMapRef = new() { Name = name } });
        }

        return lists;
    }

    private static PushCampaign Campaign(List<VidSource> lists, bool suspend) => new()
    {
        Metadata = new() { Name = "listed", NamespaceProperty = Manifests.Namespace },
        Spec = new()
        {
            PoolRef = new() { Name = Manifests.Pool },
            Patch = new() { Id = "brake-ecu", Version = "4.2.1" },
            Targets = new() { VidsFrom = lists },
            Suspend = suspend,
        },
    };

    private static async Task<double> MemoryAsync(MetricsPage metrics) => await metrics.SumAsync("dotnet_process_memory_working_set_bytes") / MiB;

    private sealed record Reading(int Vids, TimeSpan Counted, TimeSpan Written, double Before, double Most)
    {
        public IReadOnlyList<string> Row() => [$"{Vids}", Table.Cell(Counted.TotalSeconds), Table.Cell(Written.TotalSeconds), Table.Cell(Before, "0"), Table.Cell(Most, "0")];
    }
}
