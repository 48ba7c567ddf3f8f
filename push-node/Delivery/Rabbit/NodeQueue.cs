using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>One node's queue over one connection: what stands in the broker for it, and what came and was not read yet.</summary>
internal abstract class NodeQueue<T>(int capacity)
{
    private readonly Channel<T> _arrived = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });

    public string EndReason { get; private set; } = "built anew";

    protected ChannelReader<T> Arrived => _arrived.Reader;

    protected ChannelWriter<T> Arriving => _arrived.Writer;

    /// <summary>Declares what it needs and starts to consume.</summary>
    public abstract Task ConsumeAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken);

    /// <summary>Ends with the connection or the token, without throwing.</summary>
    public abstract IAsyncEnumerable<T> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The connection, channel or consumer is gone.</summary>
    public Task EndAsync(object sender, AsyncEventArgs reason)
    {
        if (_arrived.Writer.TryComplete())
        {
            EndReason = (reason as ShutdownEventArgs)?.ReplyText ?? "consumer cancelled by the broker";
        }

        return Task.CompletedTask;
    }

    protected async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _arrived.Reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
