using System.Runtime.CompilerServices;
using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Reads what stands in a ledger.</summary>
internal sealed class LedgerReader(RedisConnection redis)
{
    private static readonly RedisScript ReadPace = RedisScript.Load("pace-read");

    public async Task<LedgerReading?> ReadAsync(CampaignKey campaign, CancellationToken cancellationToken)
    {
        Task<RedisResult> paceTask = redis.EvaluateAsync(ReadPace, [PushKeys.Pace(campaign)], [], cancellationToken);
        Dictionary<string, RedisValue>[] headers = await HeadersAsync(campaign, cancellationToken);
        RedisValue[] pace = (RedisValue[])await paceTask;

        Dictionary<string, RedisValue>? any = headers.FirstOrDefault(header => header.Count > 0);
        if (pace[1].IsNull && any is null)
        {
            return null;
        }

        RedisValue[] identity = pace[1].IsNull ? [any!["id"], any["content"], any["owner"], any["startedAt"]] : pace[1..5];
        return new LedgerReading(
            identity[0]!,
            identity[1]!,
            identity[2]!,
            pace[1].IsNull ? null : ToPace(pace),
            (long)identity[3],
            (long)pace[0],
            [.. headers.Select((header, shard) => header.Count > 0 && header["id"] == identity[0] ? ToShard(shard, header) : null)]);
    }

    public async IAsyncEnumerable<DeliveryRecord> ScanAsync(CampaignKey campaign, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((int _, LedgerRecord record) in RecordsAsync(campaign, cancellationToken))
        {
            yield return record.Delivery;
        }
    }

    /// <summary>Each shard's records as counters.</summary>
    public async Task<IReadOnlyList<LedgerCounts>> CountAsync(CampaignKey campaign, CancellationToken cancellationToken)
    {
        LedgerCounts[] counts = new LedgerCounts[Shards.Count];
        Array.Fill(counts, LedgerCounts.Zero);
        await foreach ((int shard, LedgerRecord record) in RecordsAsync(campaign, cancellationToken))
        {
            counts[shard] += record.Count();
        }

        return counts;
    }

    private async IAsyncEnumerable<(int Shard, LedgerRecord Record)> RecordsAsync(
        CampaignKey campaign, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<string, RedisValue>[] headers = await HeadersAsync(campaign, cancellationToken);
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            int buckets = headers[shard].Count > 0 ? (int)headers[shard]["buckets"] : 0;
            for (int bucket = 0; bucket < buckets; bucket++)
            {
                RedisKey key = PushKeys.Bucket(campaign, shard, bucket);
                foreach (HashEntry entry in await redis.CallAsync(database => database.HashGetAllAsync(key), cancellationToken))
                {
                    yield return (shard, LedgerRecord.Read(entry.Name!, entry.Value!));
                }
            }
        }
    }

    private Task<Dictionary<string, RedisValue>[]> HeadersAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(async shard =>
        {
            HashEntry[] fields = await redis.CallAsync(database => database.HashGetAllAsync(PushKeys.Header(campaign, shard)), cancellationToken);
            return fields.ToDictionary(field => (string)field.Name!, field => field.Value);
        }));

    private static Pace ToPace(RedisValue[] pace) => new(
        pace[5] == 1,
        pace[6] == RedisValue.EmptyString ? null : (int)pace[6],
        DateTimeOffset.FromUnixTimeMilliseconds((long)pace[7]),
        pace[8] == 1);

    private static LedgerShard ToShard(int shard, Dictionary<string, RedisValue> header)
    {
        LedgerCounts counts = new(
            Targeted: (long)header["targeted"],
            Pending: (long)header["pending"],
            InFlight: (long)header["inFlight"],
            Delivered: (long)header["delivered"],
            Failed: (long)header["failed"],
            Rejected: (long)header["rejected"],
            Expired: (long)header["expired"],
            Suppressed: (long)header["suppressed"],
            Resends: (long)header["resends"],
            CaughtUp: (long)header["caughtUp"],
            Installed: (long)header["installed"],
            FailedLater: (long)header["failedLater"]);
        return new LedgerShard(
            shard,
            header["frozen"] == 1,
            (int)header["buckets"],
            header["quota"] == RedisValue.EmptyString ? null : (long)header["quota"],
            (long)header["claimed"],
            counts);
    }
}
