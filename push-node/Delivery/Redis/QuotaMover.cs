using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>
/// Moves shares of a cap between shards, which lie on different servers, so that their sum never exceeds the cap (G4): whoever dies in the middle, and however
/// many move at once.
/// </summary>
/// <remarks>
/// Each move has a number. First every shard takes part, and from then on refuses all that older moves still want of it; the quotas answered so stand still. Only
/// then is there a sum to trust, and what it lacks to the cap is shared out: what this move has lowered, and what one that broke off has left with nobody.
/// </remarks>
internal sealed class QuotaMover(RedisConnection redis)
{
    private static readonly RedisScript Quota = RedisScript.LoadAfter("_shard", "quota");

    public async Task<bool> MoveAsync(CampaignKey campaign, LedgerReading seen, long cap, QuotaMove move, CancellationToken cancellationToken)
    {
        LedgerShard[] shards = [.. seen.Shards.OfType<LedgerShard>()];
        if (shards.Length < Shards.Count || Array.Exists(shards, shard => shard.Quota is null))
        {
            return false;
        }

        long number = shards.Max(shard => shard.Move) + 1;
        Task<RedisResult> AskAsync(int shard, long quota, string step) => redis.EvaluateLedgerAsync(
            Quota, PushKeys.Shard(campaign, shard), [seen.LedgerId, number, quota, step], cancellationToken);

        Dictionary<int, long> lower = move.Lower.ToDictionary();
        RedisResult[] stands = await Task.WhenAll(shards.Select(shard => AskAsync(shard.Shard, lower.GetValueOrDefault(shard.Shard, shard.Quota!.Value), "lower")));
        if (Array.Exists(stands, quota => quota.IsNull))
        {
            return false;
        }

        long free = cap - stands.Sum(quota => (long)quota);
        RedisResult[] raised = await Task.WhenAll(move.Share(free).Select(share => AskAsync(share.Shard, (long)stands[share.Shard] + share.More, "raise")));
        return !Array.Exists(raised, quota => quota.IsNull);
    }
}
