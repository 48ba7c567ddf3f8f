using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Arguments of a script that takes a batch of vehicles of one shard.</summary>
internal sealed class ShardArguments
{
    /// <summary>Most vehicles of one call: more would hold up everybody else's calls for milliseconds.</summary>
    public const int MaxBatch = 256;

    private readonly int _shard;
    private readonly List<RedisValue> _values;

    public ShardArguments(int shard, int batchSize, params ReadOnlySpan<RedisValue> head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, MaxBatch);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards.Count);
        _shard = shard;
        _values = [.. head];
    }

    /// <summary>Adds a vehicle, what picks its bucket, and what else the script takes of it.</summary>
    /// <exception cref="ArgumentException">The vehicle belongs to another shard: its record would never be found again.</exception>
    public void Add(string vid, params ReadOnlySpan<RedisValue> more)
    {
        if (Shards.Of(vid) != _shard)
        {
            throw new ArgumentException($"{vid} lies in shard {Shards.Of(vid)}, not {_shard}.", nameof(vid));
        }

        _values.Add(vid);
        _values.Add((long)Shards.BucketHash(vid));
        _values.AddRange(more);
    }

    public RedisValue[] ToArray() => [.. _values];
}
