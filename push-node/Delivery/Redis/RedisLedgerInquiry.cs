using System.Globalization;
using System.Runtime.CompilerServices;
using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <inheritdoc cref="ILedgerInquiry"/>
internal sealed class RedisLedgerInquiry(RedisConnection redis) : ILedgerInquiry
{
    // A stream is cut roughly (MAXLEN ~): somewhat more than a thousand may be there.
    private const int MostFailures = 2000;

    public async IAsyncEnumerable<DeliveryFate> ScanAsync(CampaignKey campaign, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            int buckets = await BucketsAsync(campaign, shard, cancellationToken);
            Dictionary<string, FailureNote> failures = buckets == 0 ? [] : await LatestAsync(campaign, shard, cancellationToken);
            for (int bucket = 0; bucket < buckets; bucket++)
            {
                foreach (DeliveryFate fate in await BucketAsync(campaign, shard, bucket, failures, static _ => true, cancellationToken))
                {
                    yield return fate;
                }
            }
        }
    }

    public async Task<IReadOnlyList<DeliveryFate>> FindAsync(CampaignKey campaign, string vid, CancellationToken cancellationToken)
    {
        int shard = Shards.Of(vid);
        int buckets = await BucketsAsync(campaign, shard, cancellationToken);
        if (buckets == 0)
        {
            return [];
        }
        Dictionary<string, FailureNote> failures = await LatestAsync(campaign, shard, cancellationToken);
        return await BucketAsync(campaign, shard, Shards.BucketOf(vid, buckets), failures, unit => UnitId.VidOf(unit).SequenceEqual(vid), cancellationToken);
    }

    public async Task<IReadOnlyList<FailureNote>> FailuresAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(shard => NotesAsync(campaign, shard, cancellationToken)))).SelectMany(notes => notes)];

    private async Task<IReadOnlyList<DeliveryFate>> BucketAsync(
        CampaignKey campaign, int shard, int bucket, Dictionary<string, FailureNote> failures, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        RedisKey key = PushKeys.Bucket(campaign, shard, bucket);
        HashEntry[] entries = await redis.CallAsync(database => database.HashGetAllAsync(key), cancellationToken, key);
        return
        [
            .. entries.Where(entry => wanted(entry.Name!)).Select(entry => LedgerRecord.Read(entry.Name!, entry.Value!)).OfType<LedgerRecord>()
                .Select(record => Fate(record, failures.GetValueOrDefault(record.Delivery.Vid))),
        ];
    }

    private static DeliveryFate Fate(LedgerRecord record, FailureNote? failure)
    {
        DeliveryState state = record.Delivery.State;
        bool failedLater = record.Flags.Contains('x');
        // A car may have failed to answer first and been delivered after all: what was noted then is over.
        bool stands = failedLater || state is DeliveryState.Failed or DeliveryState.Rejected;
        return new DeliveryFate(record.Delivery.Vid, state, record.Delivery.Attempt, record.Flags.Contains('a'), record.Flags.Contains('i'), failedLater, stands ? failure : null)
        {
            Cancelled = record.Flags.Contains('g') ? true : record.Flags.Contains('c') ? false : null,
        };
    }

    /// <summary>0: there is no ledger, or its header is none.</summary>
    private async Task<int> BucketsAsync(CampaignKey campaign, int shard, CancellationToken cancellationToken)
    {
        RedisKey key = PushKeys.Header(campaign, shard);
        RedisValue buckets = await redis.CallAsync(database => database.HashGetAsync(key, "buckets"), cancellationToken, key);
        return int.TryParse((string?)buckets, CultureInfo.InvariantCulture, out int count) ? count : 0;
    }

    private async Task<Dictionary<string, FailureNote>> LatestAsync(CampaignKey campaign, int shard, CancellationToken cancellationToken)
    {
        Dictionary<string, FailureNote> latest = [];
        foreach (FailureNote note in await NotesAsync(campaign, shard, cancellationToken))
        {
            latest.TryAdd(note.Unit, note);
        }
        return latest;
    }

    /// <summary>The newest first.</summary>
    private async Task<IReadOnlyList<FailureNote>> NotesAsync(CampaignKey campaign, int shard, CancellationToken cancellationToken)
    {
        RedisKey key = PushKeys.Failures(campaign, shard);
        RedisResult reply = await redis.CallAsync(database => database.ExecuteAsync("XREVRANGE", key, "+", "-", "COUNT", MostFailures), cancellationToken, key);
        return reply.IsNull ? [] : [.. ((RedisResult[])reply).Select(ReadNote).OfType<FailureNote>()];
    }

    // <ms>-<n>, then vid, outcome and code with their names. Null: nothing that a script wrote.
    private static FailureNote? ReadNote(RedisResult entry)
    {
        RedisResult[] parts = (RedisResult[])entry;
        string[] fields = (string[])parts[1];
        string id = (string)parts[0];
        return fields is ["vid", var vid, "outcome", var outcome, "code", var code] && long.TryParse(id.AsSpan(0, id.IndexOf('-')), CultureInfo.InvariantCulture, out long ms)
            ? new FailureNote(vid, outcome, code, DateTimeOffset.FromUnixTimeMilliseconds(ms))
            : null;
    }
}
