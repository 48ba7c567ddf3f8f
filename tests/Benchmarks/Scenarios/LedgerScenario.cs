using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using Target = PushPlatform.Delivery.Ledger.Target;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>A ledger of very many vids on a real Redis, without nodes: what a vid takes there, and how fast it is put in, claimed and settled.</summary>
internal sealed class LedgerScenario : IScenario
{
    private const int Batch = 256;
    private const string LedgerId = "ledger";

    private static readonly ClaimRules Claims = new(AckTimeoutSeconds: 3600, MaxAttempts: 5);
    private static readonly SettleRules Settles = new(AckLevel.Received, InstallTimeoutSeconds: 3600);

    public string Name => "ledger";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        int vids = bench.Options.LedgerVids;
        Workbench.Say($"ledger: {vids} vids");
        await using RedisStore store = await RedisStore.ConnectAsync(bench.Servers.Redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        CampaignKey campaign = new(bench.NewPool(), "ledger", 1);
        ILookup<int, string> shards = Enumerable.Range(0, vids).Select(number => $"WVWZZZ1JZXW{number:D7}").ToLookup(vid => Shards.Of(vid));
        long before = await MemoryAsync(bench);
        Pace open = new(Open: true, RatePerSecond: null, DateTimeOffset.UnixEpoch.AddYears(200), Supervised: false);
        await store.Control.CreateAsync(campaign, new LedgerPlan(LedgerId, "hash", "owner", vids, Cap: null, open), CancellationToken.None);

        TimeSpan freezing = await EachAsync(shards, async (shard, batch) =>
        {
            await store.Ledger.TargetAsync(campaign, LedgerId, shard, [.. batch.Select(vid => new Target(vid, Away: false))], CancellationToken.None);
        });
        foreach (int shard in Enumerable.Range(0, Shards.Count))
        {
            await store.Ledger.MarkFrozenAsync(campaign, LedgerId, shard, CancellationToken.None);
        }

        long frozen = await MemoryAsync(bench);
        TimeSpan claiming = await EachAsync(shards, async (shard, batch) =>
        {
            await store.Ledger.ClaimAsync(
                campaign, LedgerId, shard, Claims, [.. batch.Select(vid => new ClaimRequest(vid, Session: 1, LastAttempt: 0, TakeAlong: false))], CancellationToken.None);
        });
        long claimed = await MemoryAsync(bench);
        TimeSpan settling = await EachAsync(shards, async (shard, batch) =>
        {
            await store.Ledger.SettleAsync(
                campaign, LedgerId, shard, Settles, [.. batch.Select(vid => new Settlement(vid, AckStatus.Received, null))], CancellationToken.None);
        });

        LedgerCounts counts = (await store.Control.ReadAsync(campaign, CancellationToken.None))!.Counts;
        if (counts.Delivered != vids || counts.Targeted != vids)
        {
            throw new InvalidOperationException($"{vids} vids were to be delivered; the ledger has {counts}.");
        }

        // Nobody has all of its cars in flight but whoever pushes without a rate; then for as long as an answer takes.
        long settled = await MemoryAsync(bench);
        double most = (Math.Max(frozen, settled) - before) / (double)vids;
        double perSecond = vids / (freezing + claiming + settling).TotalSeconds;
        report.Tables.Add(new Table(
            $"A ledger of {vids} vids, batches of {Batch}, 16 shards at once",
            ["bytes / vid: pending", "in flight", "delivered", "vids/s: freeze", "claim", "settle", "all three, one after the other"],
            [[
                Table.Cell((frozen - before) / (double)vids), Table.Cell((claimed - before) / (double)vids),
                Table.Cell((settled - before) / (double)vids), Table.Cell(vids / freezing.TotalSeconds, "0"),
                Table.Cell(vids / claiming.TotalSeconds, "0"), Table.Cell(vids / settling.TotalSeconds, "0"), Table.Cell(perSecond, "0"),
            ]]));
        report.Goals.AddRange(
            Goal.AtMost("6 scale: bytes of a vid in Redis, pending or delivered", most, 40, " B"), Goal.AtLeast("6 scale: vids a second, freeze + claim + settle", perSecond, 50_000));
    }

    /// <summary>All shards at once, each batch after batch, as the lanes of a node do.</summary>
    private static async Task<TimeSpan> EachAsync(ILookup<int, string> shards, Func<int, string[], Task> step)
    {
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(shards.Select(async shard =>
        {
            foreach (string[] batch in shard.Chunk(Batch))
            {
                await step(shard.Key, batch);
            }
        }));
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<long> MemoryAsync(Workbench bench) =>
        long.Parse((await bench.Servers.InfoAsync("memory"))["used_memory"], CultureInfo.InvariantCulture);
}
