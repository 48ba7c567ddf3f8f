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

    public async Task<OrderBookPage> ReadAsync(PoolName pool, CancellationToken cancellationToken)
    {
        RedisResult[] reply = (RedisResult[])await redis.EvaluateAsync(
            ReadAll, [PushKeys.Orders(pool), PushKeys.OrderSeq(pool)], [], cancellationToken);
        return new OrderBookPage((long)reply[0], [.. ((string[])reply[1]).Select(ReadEntry)]);
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

    public async Task<Tombstone?> FindTombstoneAsync(PoolName pool, string campaignId, int revision, CancellationToken cancellationToken)
    {
        string? json = await redis.CallAsync(database => database.HashGetAsync(PushKeys.Done(pool), $"{campaignId}#{revision}"), cancellationToken);
        return json is null ? null : JsonSerializer.Deserialize(json, DeliveryJson.Default.Tombstone);
    }

    public async Task<Tombstone?> FindLatestTombstoneAsync(PoolName pool, string campaignId, CancellationToken cancellationToken)
    {
        RedisValue highest = await redis.CallAsync(database => database.HashGetAsync(PushKeys.Done(pool), $"{campaignId}#"), cancellationToken);
        return highest.IsNull ? null : await FindTombstoneAsync(pool, campaignId, (int)highest, cancellationToken);
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
        return [.. entries.Select(json => JsonSerializer.Deserialize((string)json!, DeliveryJson.Default.PreviewShard)!)];
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
        return new PutReply(outcome, (long)parts[1], (long)parts[2], parts[3].IsNull ? null : ReadEntry((string)parts[3]));
    }

    // seq|owner|generation|revision|JSON
    private static Order ReadEntry(string entry)
    {
        string[] parts = entry.Split('|', 5);
        return JsonSerializer.Deserialize(parts[4], DeliveryJson.Default.Order)! with { Seq = long.Parse(parts[0]) };
    }
}
