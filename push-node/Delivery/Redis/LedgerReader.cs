using System.Globalization;
using System.Runtime.CompilerServices;
using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Reads what stands in a ledger.</summary>
internal sealed class LedgerReader(RedisConnection redis)
{
    // The end of the calendar.
    private const long LatestMilliseconds = 253_402_300_799_999;

    private static readonly RedisScript ReadPace = RedisScript.Load("pace-read");

    // What a header cannot do without: one that lacks any of them is none.
    private static readonly string[] Numbers =
    [
        "buckets", "claimed", "targeted", "pending", "inFlight", "delivered", "failed", "rejected", "expired", "suppressed",
        "resends", "caughtUp", "installed", "failedLater",
    ];

    public async Task<LedgerReading?> ReadAsync(CampaignKey campaign, CancellationToken cancellationToken)
    {
        Task<RedisResult> paceTask = redis.EvaluateAsync(ReadPace, [PushKeys.Pace(campaign)], [], cancellationToken);
        Dictionary<string, RedisValue>[] headers = await HeadersAsync(campaign, cancellationToken);
        RedisValue[] pace = (RedisValue[])await paceTask;

        if (IdentityOf(pace, headers) is not [var id, var content, var owner, var startedAt])
        {
            return null;
        }

        return new LedgerReading(
            id!,
            content!,
            owner!,
            ToPace(pace),
            (long)startedAt,
            (long)pace[0],
            [.. headers.Select((header, shard) => header.GetValueOrDefault("id") == id ? ToShard(shard, header) : null)]);
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
            int buckets = ToShard(shard, headers[shard])?.Buckets ?? 0;
            for (int bucket = 0; bucket < buckets; bucket++)
            {
                RedisKey key = PushKeys.Bucket(campaign, shard, bucket);
                foreach (HashEntry entry in await redis.CallAsync(database => database.HashGetAllAsync(key), cancellationToken))
                {
                    if (LedgerRecord.Read(entry.Name!, entry.Value!) is { } record)
                    {
                        yield return (shard, record);
                    }
                }
            }
        }
    }

    /// <summary>A header that is none is as good as missing (G9): empty.</summary>
    private Task<Dictionary<string, RedisValue>[]> HeadersAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(async shard =>
        {
            try
            {
                HashEntry[] fields = await redis.CallAsync(database => database.HashGetAllAsync(PushKeys.Header(campaign, shard)), cancellationToken);
                return fields.ToDictionary(field => (string)field.Name!, field => field.Value);
            }
            catch (StoreDamagedException)
            {
                return [];
            }
        }));

    /// <summary>Id, content hash, owner and start: of the pace, or of a header that is left; null where neither tells them.</summary>
    private static RedisValue[]? IdentityOf(RedisValue[] pace, Dictionary<string, RedisValue>[] headers)
    {
        IEnumerable<RedisValue[]> told = headers
            .Select(header => new[] { "id", "content", "owner", "startedAt" }.Select(name => header.GetValueOrDefault(name)).ToArray())
            .Prepend(pace[1..5]);
        return told.FirstOrDefault(identity => Array.TrueForAll(identity, part => !part.IsNull) && Number(identity[3]) is not null);
    }

    private static Pace? ToPace(RedisValue[] pace)
    {
        bool limited = pace[6] != RedisValue.EmptyString;
        long? rate = Number(pace[6]);
        return pace[1].IsNull || Number(pace[7]) is not { } notAfter || notAfter is < 0 or > LatestMilliseconds || (limited && rate is not (> 0 and <= int.MaxValue))
            ? null
            : new Pace(
                pace[5] == RedisLedgerControl.OpenToAll || pace[5] == RedisLedgerControl.OpenForDryRun, limited ? (int)rate!.Value : null, DateTimeOffset.FromUnixTimeMilliseconds(notAfter), pace[8] == 1, pace[9] == 1,
                pace[5] == RedisLedgerControl.OpenForCancels, (int)Math.Clamp(Number(pace[10]) ?? 100, 1, 100));
    }

    private static LedgerShard? ToShard(int shard, Dictionary<string, RedisValue> header)
    {
        RedisValue quota = header.GetValueOrDefault("quota");
        bool capped = quota != RedisValue.EmptyString;
        // A header of an earlier version does not count these.
        RedisValue noAck = header.GetValueOrDefault("noAck", 0);
        RedisValue unanswered = header.GetValueOrDefault("unanswered", 0);
        RedisValue rehearsed = header.GetValueOrDefault("rehearsed", 0);
        RedisValue cancelling = header.GetValueOrDefault("cancelling", 0);
        RedisValue cancelled = header.GetValueOrDefault("cancelled", 0);
        RedisValue putBack = header.GetValueOrDefault("putBack", 0);
        if (Array.Exists(Numbers, name => Number(header.GetValueOrDefault(name)) is null) || (capped && Number(quota) is null)
            || Array.Exists([noAck, unanswered, rehearsed, cancelling, cancelled, putBack], number => Number(number) is null))
        {
            return null;
        }

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
            FailedLater: (long)header["failedLater"],
            NoAck: (long)noAck,
            Unanswered: (long)unanswered,
            Rehearsed: (long)rehearsed,
            Cancelling: (long)cancelling,
            Cancelled: (long)cancelled,
            PutBack: (long)putBack);
        return new LedgerShard(
            shard,
            header.GetValueOrDefault("frozen") == 1,
            (int)header["buckets"],
            Number(quota),
            (long)header["claimed"],
            counts,
            Number(header.GetValueOrDefault("move")) ?? 0,
            Number(header.GetValueOrDefault("marked")) >= (long)header["buckets"],
            (int)(Number(header.GetValueOrDefault("retry")) ?? 0),
            (int)(Number(header.GetValueOrDefault("retryDone")) ?? 0),
            Number(header.GetValueOrDefault("retried")) ?? 0);
    }

    private static long? Number(RedisValue text) => long.TryParse((string?)text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
