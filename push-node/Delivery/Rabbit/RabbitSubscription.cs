using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>One node's queue, over one connection at a time, for as long as somebody reads.</summary>
/// <param name="newQueue">Each connection has one of its own.</param>
/// <param name="connected">Called after each connect.</param>
internal sealed class RabbitSubscription<T>(BrokerConnections broker, PoolName pool, Func<NodeQueue<T>> newQueue, Action connected, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    private volatile CancellationTokenSource? _current;

    private readonly DependencyWatch _watch = BrokerConnections.Watch(time);
    private volatile bool _tried;

    public string? Fault => _watch.Fault ?? (_tried ? null : broker.NotYet);

    /// <summary>Ends the present connection; the reader goes on with a new one.</summary>
    public void Rebuild(string reason)
    {
        logger.BusRebuilt(broker.Broker, reason);
        try
        {
            _current?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // That connection has just ended by itself.
        }
    }

    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            using CancellationTokenSource life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _current = life;
            NodeQueue<T> queue = newQueue();
            IConnection? connection = await ConnectAsync(queue, life.Token);
            if (connection is not null)
            {
                failures = 0;
                try
                {
                    await foreach (T happened in queue.ReadAsync(life.Token))
                    {
                        yield return happened;
                    }
                }
                finally
                {
                    await BrokerConnections.DropAsync(connection);
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (_watch.Note($"RabbitMQ at {broker.Broker}: the connection was lost ({queue.EndReason})"))
                {
                    logger.BusLost(broker.Broker, queue.EndReason);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(Backoff(failures), time, cancellationToken);
        }
    }

    private async Task<IConnection?> ConnectAsync(NodeQueue<T> queue, CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        try
        {
            connection = await broker.OpenAsync(cancellationToken);
            connection.ConnectionShutdownAsync += queue.EndAsync;
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            channel.ChannelShutdownAsync += queue.EndAsync;
            await queue.ConsumeAsync(channel, pool, cancellationToken);
            _watch.Note(null);
            _tried = true;
            connected();
            logger.BusConnected(broker.Broker, pool);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await BrokerConnections.DropAsync(connection);
            }

            if (!cancellationToken.IsCancellationRequested)
            {
                // Only what changes is said: it is tried again for ever.
                if (_watch.Note($"RabbitMQ at {broker.Broker} is not reachable: {e.Message}"))
                {
                    logger.BusUnreachable(broker.Broker, e.Message);
                }

                _tried = true;
            }

            return null;
        }
    }

    // Full jitter, so that the nodes of a restarted broker do not come back together.
    private static TimeSpan Backoff(int failures) =>
        Random.Shared.NextDouble() * TimeSpan.FromMilliseconds(Math.Min(200 * Math.Pow(2, failures), MaxBackoff.TotalMilliseconds));
}
