using PushPlatform.Delivery.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>One message on its way out.</summary>
internal sealed record Outgoing(BusExchange Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body);

/// <summary>Publishes with confirms over one channel, one batch at a time. After any failure the next publish starts with a new connection.</summary>
internal sealed class RabbitPublisher(BrokerConnections broker, TimeProvider time) : IAsyncDisposable
{
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    // A channel is not for concurrent use; callers wait here, each for at most a few time-outs.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly DependencyWatch _watch = BrokerConnections.Watch(time);
    private HashSet<BusExchange> _declared = [];
    private IConnection? _connection;
    private IChannel? _channel;

    public string? Fault => _watch.Fault;

    /// <summary>Returns when the broker has confirmed all: in their order, whether any queue took it. The exchanges are declared on the way.</summary>
    /// <exception cref="BusUnavailableException">Any of them may have arrived all the same.</exception>
    public async Task<IReadOnlyList<bool>> PublishAsync(IReadOnlyList<Outgoing> batch, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            IChannel channel = await ChannelAsync(cancellationToken);
            IReadOnlyList<bool> taken = await SendAsync(channel, _declared, batch).WaitAsync(BrokerConnections.Timeout * 2, cancellationToken);
            _watch.Note(null);
            return taken;
        }
        catch (Exception e)
        {
            // Also when only the caller gave up: a publish cut off in flight would upset the channel's next confirm
            // (rabbitmq-dotnet-client#1900).
            await DropAsync();
            cancellationToken.ThrowIfCancellationRequested();
            _watch.Note($"RabbitMQ at {broker.Broker} takes no messages: {e.Message}");
            throw new BusUnavailableException(Fault!, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Somebody else has reached the broker: what was wrong says nothing any more. Few publish often enough to find out by themselves.</summary>
    public void BrokerIsThere() => _watch.Note(null);

    // Not cut off by whoever gives up: it is left behind with its connection.
    private static async Task<IReadOnlyList<bool>> SendAsync(IChannel channel, HashSet<BusExchange> declared, IReadOnlyList<Outgoing> batch)
    {
        foreach (BusExchange exchange in batch.Select(message => message.Exchange))
        {
            if (!declared.Contains(exchange))
            {
                await exchange.DeclareAsync(channel, CancellationToken.None);
                declared.Add(exchange);
            }
        }

        // Started one after the other, in order; the confirms are awaited together.
        return await Task.WhenAll(batch.Select(message => SendAsync(channel, message)));
    }

    /// <returns>False: no queue is bound that would take it.</returns>
    private static async Task<bool> SendAsync(IChannel channel, Outgoing message)
    {
        try
        {
            await channel.BasicPublishAsync(message.Exchange.Name, message.RoutingKey, mandatory: true, message.Properties, message.Body, CancellationToken.None);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
    }

    private async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }

        await DropAsync();
        _connection = await broker.OpenAsync(cancellationToken);
        _channel = await _connection.CreateChannelAsync(Confirmed, cancellationToken);
        return _channel;
    }

    private async Task DropAsync()
    {
        IConnection? connection = _connection;
        (_connection, _channel, _declared) = (null, null, []);
        if (connection is not null)
        {
            await BrokerConnections.DropAsync(connection);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        await DropAsync();
        _turn.Dispose();
    }
}
