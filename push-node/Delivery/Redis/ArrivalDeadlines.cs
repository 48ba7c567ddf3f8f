using System.Collections.Concurrent;

namespace PushPlatform.Delivery.Redis;

/// <summary>
/// Until when Redis may carry out an arrival that is asked for now: as long as its answer is waited for. In Redis' own time, as a shard last told it, carried
/// on by the monotonic clock; of each shard, since the masters of a Cluster have clocks of their own.
/// </summary>
/// <remarks>What Redis told was already past when it was heard, so a deadline is too early by as much, never too late.</remarks>
internal sealed class ArrivalDeadlines(TimeProvider clock)
{
    private readonly ConcurrentDictionary<(PoolName Pool, int Shard), Reading> _heard = new();

    /// <summary>Redis time in µs; long past where Redis has not told it yet.</summary>
    public long Next(PoolName pool, int shard) => _heard.TryGetValue((pool, shard), out Reading? last)
        ? last.Microseconds + (long)(clock.GetElapsedTime(last.HeardAt) + RedisConnection.CallTimeout).TotalMicroseconds
        : 0;

    public void Heard(PoolName pool, int shard, long redisMicroseconds) => _heard[(pool, shard)] = new Reading(redisMicroseconds, clock.GetTimestamp());

    private sealed record Reading(long Microseconds, long HeardAt);
}
