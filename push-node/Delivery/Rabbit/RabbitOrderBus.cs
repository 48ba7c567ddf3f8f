using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>The bus over RabbitMQ: publishing and each subscription have connections of their own, so that neither blocks the other.</summary>
public sealed class RabbitOrderBus : IOrderBus
{
    private readonly BrokerConnections _broker;
    private readonly RabbitPublisher _publisher;
    private readonly ConcurrentDictionary<RabbitSubscription<BusEvent>, byte> _subscriptions = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BusMetrics _metrics;

    /// <param name="uri"><c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c>.</param>
    /// <param name="clientName">Shown in the broker's list of connections.</param>
    /// <param name="metrics">Shared by all buses of the process.</param>
    /// <exception cref="ArgumentException">The URI is not one.</exception>
    public RabbitOrderBus(string uri, string clientName, TimeProvider time, ILogger<RabbitOrderBus> logger, BusMetrics metrics)
    {
        _broker = new BrokerConnections(uri, clientName);
        _publisher = new RabbitPublisher(_broker, time);
        (_time, _logger, _metrics) = (time, logger, metrics);
    }

    /// <inheritdoc/>
    public string? Fault =>
        _publisher.Fault ?? _subscriptions.Keys.Select(subscription => subscription.Fault).FirstOrDefault(fault => fault is not null);

    /// <inheritdoc/>
    public Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken) =>
        _publisher.PublishAsync([ToOutgoing(pool, message)], cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BusEvent> SubscribeAsync(PoolName pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RabbitSubscription<BusEvent> subscription = new(_broker, pool, () => new OrderQueue(_metrics, _logger), _publisher.BrokerIsThere, _time, _logger);
        _subscriptions.TryAdd(subscription, 0);
        try
        {
            await foreach (BusEvent happened in subscription.ReadAsync(cancellationToken))
            {
                yield return happened;
            }
        }
        finally
        {
            _subscriptions.TryRemove(subscription, out _);
        }
    }

    /// <inheritdoc/>
    public void Rebuild(string reason)
    {
        foreach (RabbitSubscription<BusEvent> subscription in _subscriptions.Keys)
        {
            subscription.Rebuild(reason);
        }
    }

    // Where no node is bound there is nobody to tell: whoever comes reads the order book first.
    private static Outgoing ToOutgoing(PoolName pool, BusMessage message) => new(
        BusTopology.OrdersOf(pool), "", new BasicProperties { ContentType = "application/json" }, JsonSerializer.SerializeToUtf8Bytes(message, DeliveryJson.Default.BusMessage));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _publisher.DisposeAsync();
}
