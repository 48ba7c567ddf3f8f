using System.Globalization;
using PushPlatform.Delivery.Membership;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

internal sealed class RedisDrainList(RedisConnection redis) : IDrainList
{
    private static readonly RedisScript ReadScript = RedisScript.Load("drain-read");
    private static readonly RedisScript SetScript = RedisScript.Load("drain-set");

    public async Task<IReadOnlyDictionary<string, TimeSpan>> ReadAsync(PoolName pool, CancellationToken cancellationToken)
    {
        string[] reply = (string[])await redis.EvaluateAsync(ReadScript, [PushKeys.Drain(pool)], [], cancellationToken);
        long now = long.Parse(reply[0], CultureInfo.InvariantCulture);
        Dictionary<string, TimeSpan> told = [];
        for (int at = 1; at + 1 < reply.Length; at += 2)
        {
            // What is no time was written by nobody of ours: told just now.
            bool known = long.TryParse(reply[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long since);
            told[reply[at]] = TimeSpan.FromMicroseconds(known ? Math.Max(0, now - since) : 0);
        }

        return told;
    }

    public Task<bool> ContainsAsync(PoolName pool, string pod, CancellationToken cancellationToken) =>
        redis.CallAsync(database => database.HashExistsAsync(PushKeys.Drain(pool), pod), cancellationToken);

    public async Task<bool> SetAsync(PoolName pool, IReadOnlyCollection<string> pods, CancellationToken cancellationToken) =>
        (bool)await redis.EvaluateAsync(
            SetScript, [PushKeys.Drain(pool)], [(long)IDrainList.Lasts.TotalMilliseconds, .. pods.Select(pod => (RedisValue)pod)], cancellationToken);
}
