using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>How the scripts of a ledger are asked.</summary>
internal static class LedgerScripts
{
    /// <summary>
    /// Answers null where the ledger is lost: so say the scripts themselves, and so it is where a key of the ledger holds something else (G9). Its campaign stops, and no
    /// other waits for it.
    /// </summary>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public static async Task<RedisResult> EvaluateLedgerAsync(
        this RedisConnection redis, RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        try
        {
            return await redis.EvaluateAsync(script, keys, values, cancellationToken);
        }
        catch (StoreDamagedException)
        {
            return RedisResult.Create(RedisValue.Null);
        }
    }
}
