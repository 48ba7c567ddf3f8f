using System.Globalization;
using System.Text.Json;
using PushPlatform.Delivery.Orders;
using StackExchange.Redis;
using Order = PushPlatform.Delivery.Orders.Order;

namespace PushPlatform.Delivery.Redis;

/// <summary>The order book in Redis: all of a pool's keys lie in one slot, so that a read or a write is one script.</summary>
internal sealed class RedisOrderBook(RedisConnection redis) : IOrderBook
{
    // A preview nobody asked about for this long is of a campaign that has gone.
    private static readonly TimeSpan PreviewLife = TimeSpan.FromHours(1);

    private static readonly RedisScript ReadAll = RedisScript.Load("orders-read");
    private static readonly RedisScript Put = RedisScript.Load("order-put");
    private static readonly RedisScript Remove = RedisScript.Load("order-remove");
    private static readonly RedisScript Reopen = RedisScript.Load("order-reopen");

    public async Task<OrderBookPage> ReadAsync(PoolName pool, CancellationToken cancellationToken)
    {
        RedisResult[] reply = (RedisResult[])await redis.EvaluateAsync(
            ReadAll, [PushKeys.Orders(pool), PushKeys.OrderSeq(pool)], [], cancellationToken);
        (string Campaign, Order? Order, long Seq)[] entries =
            [.. ((string[])reply[1]).Chunk(2).Select(pair => (pair[0], ReadEntry(pair[1], out long seq), seq))];
        return new OrderBookPage((long)reply[0], [.. entries.Select(entry => entry.Order).OfType<Order>()])
        {
            Unreadable = entries.Where(entry => entry.Order is null).ToDictionary(entry => entry.Campaign, entry => entry.Seq),
        };
    }

    public async Task<PutReply> PutAsync(PoolName pool, Order order, long plannedFrom, CancellationToken cancellationToken)
    {
        // Without its number, which the script gives: equal orders are equal texts.
        string json = JsonSerializer.Serialize(order with { Seq = 0 }, DeliveryJson.Default.Order);
        return ReadReply(await redis.EvaluateAsync(
            Put,
            [PushKeys.Orders(pool), PushKeys.OrderSeq(pool)],
            [order.CampaignId, plannedFrom, order.OwnerUid, order.Generation, order.Revision, order.Gate == Gate.Closed, json],
            cancellationToken));
    }

    public async Task<PutReply> RemoveAsync(PoolName pool, string campaignId, Tombstone? tombstone, CancellationToken cancellationToken)
    {
        RedisValue revision = tombstone is null ? "" : tombstone.Revision;
        RedisValue json = tombstone is null ? "" : JsonSerializer.Serialize(tombstone, DeliveryJson.Default.Tombstone);
        return ReadReply(await redis.EvaluateAsync(
            Remove,
            [PushKeys.Orders(pool), PushKeys.OrderSeq(pool), PushKeys.Done(pool)],
            [campaignId, revision, json],
            cancellationToken));
    }

    public Task ReopenAsync(PoolName pool, Tombstone end, int round, CancellationToken cancellationToken) => redis.EvaluateAsync(
        Reopen,
        [PushKeys.Done(pool)],
        [$"{end.CampaignId}#{end.Revision}", round, JsonSerializer.Serialize(end with { Reopened = true }, DeliveryJson.Default.Tombstone)],
        cancellationToken);

    public async Task<Tombstone?> FindTombstoneAsync(PoolName pool, string campaignId, int revision, CancellationToken cancellationToken)
    {
        string field = $"{campaignId}#{revision}";
        string? json = await redis.CallAsync(database => database.HashGetAsync(PushKeys.Done(pool), field), cancellationToken, PushKeys.Done(pool));
        return json is null ? null : ForeignJson.Read(json, DeliveryJson.Default.Tombstone) ?? throw Unreadable(pool, field);
    }

    public async Task<Tombstone?> FindLatestTombstoneAsync(PoolName pool, string campaignId, CancellationToken cancellationToken)
    {
        RedisValue highest = await redis.CallAsync(database => database.HashGetAsync(PushKeys.Done(pool), $"{campaignId}#"), cancellationToken, PushKeys.Done(pool));
        if (highest.IsNull)
        {
            return null;
        }

        return int.TryParse((string?)highest, CultureInfo.InvariantCulture, out int revision)
            ? await FindTombstoneAsync(pool, campaignId, revision, cancellationToken)
            : throw Unreadable(pool, $"{campaignId}#");
    }

    public async Task ReportPreviewAsync(PoolName pool, PreviewShard result, CancellationToken cancellationToken)
    {
        RedisKey key = PushKeys.Preview(pool, result.CampaignId);
        string json = JsonSerializer.Serialize(result, DeliveryJson.Default.PreviewShard);
        await redis.CallAsync(database => database.HashSetAsync(key, result.Shard, json), cancellationToken);
        await redis.CallAsync(database => database.KeyExpireAsync(key, PreviewLife), cancellationToken);
    }

    public async Task<IReadOnlyList<PreviewShard>> ReadPreviewAsync(PoolName pool, string campaignId, CancellationToken cancellationToken)
    {
        RedisValue[] entries = await redis.CallAsync(database => database.HashValuesAsync(PushKeys.Preview(pool, campaignId)), cancellationToken);
        // The next walk writes anew what cannot be read.
        return [.. entries.Select(json => ForeignJson.Read((string)json!, DeliveryJson.Default.PreviewShard)).OfType<PreviewShard>()];
    }

    private static PutReply ReadReply(RedisResult reply)
    {
        RedisResult[] parts = (RedisResult[])reply;
        PutOutcome outcome = (string)parts[0] switch
        {
            "accepted" => PutOutcome.Accepted,
            "unchanged" => PutOutcome.Unchanged,
            _ => PutOutcome.Stale,
        };
        return new PutReply(outcome, (long)parts[1], (long)parts[2], parts[3].IsNull ? null : ReadEntry((string)parts[3], out _));
    }

    // Not taken for absent: what is finished must not start over (G10).
    private static StoreDamagedException Unreadable(PoolName pool, string field) =>
        new($"Redis: the end of a campaign cannot be read, field '{field}' of {(string)PushKeys.Done(pool)!}");

    // seq|owner|generation|revision|JSON
    private static Order? ReadEntry(string entry, out long seq)
    {
        string[] parts = entry.Split('|', 5);
        bool numbered = parts is [{ Length: > 0 and <= 16 } number, _, { Length: > 0 } generation, { Length: > 0 } revision, _]
            && (number + generation + revision).All(char.IsAsciiDigit);
        seq = numbered ? long.Parse(parts[0], CultureInfo.InvariantCulture) : 0;
        return numbered && ForeignJson.Read(parts[4], DeliveryJson.Default.Order) is { } order ? order with { Seq = seq } : null;
    }
}
