using System.Text.Json;
using PushPlatform.Delivery.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>Publishes with confirms over one channel, one message at a time. After any failure the next publish starts with a new connection.</summary>
internal sealed class RabbitPublisher(BrokerConnections broker, TimeProvider time) : IAsyncDisposable
{
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly BasicProperties Json = new() { ContentType = "application/json" };

    // A channel is not for concurrent use; callers wait here, each for at most a few time-outs.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly DependencyWatch _watch = BrokerConnections.Watch(time);
    private readonly HashSet<PoolName> _declared = [];
    private IConnection? _connection;
    private IChannel? _channel;

    public string? Fault => _watch.Fault;

    public async Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, DeliveryJson.Default.BusMessage);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(pool, body).WaitAsync(BrokerConnections.Timeout * 2, cancellationToken);
            _watch.Note(null);
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

    private async Task SendAsync(PoolName pool, byte[] body)
    {
        IChannel channel = await ChannelAsync();
        if (!_declared.Contains(pool))
        {
            await BusTopology.DeclareExchangeAsync(channel, pool, CancellationToken.None);
            _declared.Add(pool);
        }

        try
        {
            await channel.BasicPublishAsync(BusTopology.ExchangeOf(pool), routingKey: "", mandatory: true, Json, body, CancellationToken.None);
        }
        catch (PublishException e) when (e.IsReturn)
        {
            // No node is bound: nobody to tell. Whoever comes reads the order book first.
        }
    }

    private async Task<IChannel> ChannelAsync()
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }

        await DropAsync();
        _connection = await broker.OpenAsync(CancellationToken.None);
        _channel = await _connection.CreateChannelAsync(Confirmed);
        return _channel;
    }

    private async Task DropAsync()
    {
        IConnection? connection = _connection;
        (_connection, _channel) = (null, null);
        _declared.Clear();
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
