using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Arguments of a script that takes a batch of vehicles of one shard.</summary>
internal sealed class ShardArguments
{
    /// <summary>Most vehicles of one call: more would hold up everybody else's calls for milliseconds.</summary>
    public const int MaxBatch = 256;

    private readonly int _shard;
    private readonly RedisValue[] _head;
    private readonly List<RedisValue> _values = [];

    // Hash, then place.
    private readonly List<long> _places = [];

    public ShardArguments(int shard, int batchSize, params ReadOnlySpan<RedisValue> head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, MaxBatch);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards.Count);
        _shard = shard;
        _head = [.. head];
    }

    /// <summary>Adds a vehicle, what picks its bucket, and what else the script takes of it: as many values as of any other.</summary>
    /// <exception cref="ArgumentException">The vehicle belongs to another shard: its record would never be found again.</exception>
    public void Add(string vid, params ReadOnlySpan<RedisValue> more)
    {
        if (Shards.Of(vid) != _shard)
        {
            throw new ArgumentException($"{vid} lies in shard {Shards.Of(vid)}, not {_shard}.", nameof(vid));
        }

        long hash = Shards.BucketHash(vid);
        _places.Add((hash * MaxBatch) + _places.Count);
        _values.Add(vid);
        _values.Add(hash);
        _values.AddRange(more);
    }

    /// <summary>So that those of a ledger's bucket stand side by side; those of one hash stay in the order in which they were added.</summary>
    public ShardArguments SortByHash()
    {
        _places.Sort();
        return this;
    }

    public RedisValue[] ToArray()
    {
        int width = _places.Count == 0 ? 0 : _values.Count / _places.Count;
        RedisValue[] arguments = new RedisValue[_head.Length + _values.Count];
        _head.CopyTo(arguments, 0);
        for (int i = 0; i < _places.Count; i++)
        {
            _values.CopyTo(Place(i) * width, arguments, _head.Length + (i * width), width);
        }

        return arguments;
    }

    /// <summary>What a script answered of each vehicle, in the order in which these were added.</summary>
    public T[] InOrder<T>(IReadOnlyList<RedisValue> answers, Func<RedisValue, T> read)
    {
        T[] inOrder = new T[answers.Count];
        for (int i = 0; i < answers.Count; i++)
        {
            inOrder[Place(i)] = read(answers[i]);
        }

        return inOrder;
    }

    private int Place(int sorted) => (int)(_places[sorted] % MaxBatch);
}
