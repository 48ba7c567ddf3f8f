using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>Sixteen bounded queues, one a shard, each emptied in batches by a loop of its own: a part of Redis that is away holds up only its own vehicles.</summary>
internal sealed class ShardLanes<T> : IAsyncDisposable
{
    /// <summary>The most that one call to Redis takes.</summary>
    public const int BatchSize = 256;

    private readonly Channel<T>[] _channels;
    private readonly OwnedLoop[] _loops;
    private readonly Func<int, IReadOnlyList<T>, CancellationToken, Task> _handle;
    private readonly TimeSpan _linger;
    private readonly TimeProvider _clock;

    /// <param name="capacity">Of each lane; what a full lane means is the poster's business.</param>
    /// <param name="linger">How long an item may wait for others to share its batch. Zero: a batch is what came in while the last one was under way.</param>
    /// <param name="handle">Takes one batch of one shard, and itself repeats what Redis did not answer.</param>
    public ShardLanes(
        string name, int capacity, TimeSpan linger, Func<int, IReadOnlyList<T>, CancellationToken, Task> handle, TimeProvider clock, ILogger log)
    {
        _handle = handle;
        _linger = linger;
        _clock = clock;
        _channels = [.. Enumerable.Range(0, Shards.Count).Select(_ => Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true }))];
        _loops = [.. Enumerable.Range(0, Shards.Count).Select(shard => OwnedLoop.Start($"{name} {shard}", stop => RunAsync(shard, stop), clock, log))];
    }

    public int Waiting => _channels.Sum(channel => channel.Reader.Count);

    public IEnumerable<string> Faults => _loops.Select(loop => loop.Fault).OfType<string>();

    /// <summary>False: the shard's lane is full, or the lanes are closing.</summary>
    public bool TryPost(int shard, T item) => _channels[shard].Writer.TryWrite(item);

    /// <summary>Completes when the shard's lane has room. Lanes that are closing have none: then only <paramref name="cancellationToken"/> ends the wait.</summary>
    public async ValueTask RoomAsync(int shard, CancellationToken cancellationToken)
    {
        if (!await _channels[shard].Writer.WaitToWriteAsync(cancellationToken))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, cancellationToken);
        }
    }

    /// <summary>Takes nothing more and handles what is there; gives up after <paramref name="patience"/>.</summary>
    public async Task FinishAsync(TimeSpan patience)
    {
        foreach (Channel<T> channel in _channels)
        {
            channel.Writer.TryComplete();
        }

        await Task.WhenAll(_loops.Select(loop => loop.FinishAsync(patience)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OwnedLoop loop in _loops)
        {
            loop.RequestStop();
        }

        foreach (OwnedLoop loop in _loops)
        {
            await loop.DisposeAsync();
        }
    }

    private async Task RunAsync(int shard, CancellationToken stop)
    {
        ChannelReader<T> reader = _channels[shard].Reader;
        while (await reader.WaitToReadAsync(stop))
        {
            if (_linger > TimeSpan.Zero && reader.Count < BatchSize && !reader.Completion.IsCompleted)
            {
                await Task.Delay(_linger, _clock, stop);
            }

            List<T> batch = [];
            while (batch.Count < BatchSize && reader.TryRead(out T? item))
            {
                batch.Add(item);
            }

            await _handle(shard, batch, stop);
        }
    }
}
