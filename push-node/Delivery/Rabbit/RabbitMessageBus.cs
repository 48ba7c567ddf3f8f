using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>Direct messages over RabbitMQ, on connections of their own: however many there are, hints and kicks do not wait behind them.</summary>
public sealed class RabbitMessageBus : IMessageBus
{
    /// <summary>The routing key of a vehicle that has no role.</summary>
    private const string NoRole = "-";

    private readonly BrokerConnections _broker;
    private readonly RabbitPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BusMetrics _metrics;
    private volatile RabbitSubscription<ArrivedMessage>? _subscription;

    /// <param name="uri"><c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c>.</param>
    /// <param name="clientName">Shown in the broker's list of connections.</param>
    /// <param name="metrics">Shared by all buses of the process.</param>
    /// <exception cref="ArgumentException">The URI is not one.</exception>
    public RabbitMessageBus(string uri, string clientName, TimeProvider time, ILogger<RabbitMessageBus> logger, BusMetrics metrics)
    {
        _broker = new BrokerConnections(uri, clientName);
        _publisher = new RabbitPublisher(_broker, time);
        (_time, _logger, _metrics) = (time, logger, metrics);
    }

    /// <inheritdoc/>
    public string? Fault => _publisher.Fault ?? (_subscription is { } subscription ? subscription.Fault : _broker.NotYet);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArrivedMessage> SubscribeAsync(PoolName pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RabbitSubscription<ArrivedMessage> subscription = new(_broker, pool, () => new MessageQueue(_time, _metrics, _logger), _publisher.BrokerIsThere, _time, _logger);
        _subscription = subscription;
        await foreach (ArrivedMessage message in subscription.ReadAsync(cancellationToken))
        {
            yield return message;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> PublishAsync(PoolName pool, IReadOnlyList<UplinkMessage> batch, CancellationToken cancellationToken)
    {
        BusExchange exchange = BusTopology.UplinkOf(pool);
        return _publisher.PublishAsync([.. batch.Select(message => new Outgoing(exchange, message.Role ?? NoRole, Properties(message), Write(message)))], cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReplyAsync(ReplyAddress to, IReadOnlyList<MessageReply> parts, CancellationToken cancellationToken) => _publisher.PublishAsync(
        [
            .. parts.Select(part => new Outgoing(
                BusExchange.ToQueue,
                to.Queue,
                new BasicProperties { ContentType = "application/json", CorrelationId = to.CorrelationId },
                JsonSerializer.SerializeToUtf8Bytes(part, DeliveryJson.Default.MessageReply))),
        ],
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    /// <summary>Persistent: what a vehicle was told is accepted outlives the broker in a durable queue.</summary>
    private static BasicProperties Properties(UplinkMessage message) => new()
    {
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        MessageId = message.Id,
        Timestamp = new AmqpTimestamp(message.ReceivedAt.ToUnixTimeSeconds()),
    };

    private static ReadOnlyMemory<byte> Write(UplinkMessage message)
    {
        ArrayBufferWriter<byte> buffer = new(message.Payload.Length + 256);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteString("id"u8, message.Id);
        json.WriteString("vid"u8, message.Vid);
        if (message.Device is not null)
        {
            json.WriteString("device"u8, message.Device);
        }

        if (message.Role is not null)
        {
            json.WriteString("role"u8, message.Role);
        }

        json.WriteString("node"u8, message.Node);
        json.WriteString("receivedAt"u8, message.ReceivedAt.UtcDateTime);
        json.WritePropertyName("payload"u8);
        json.WriteRawValue(message.Payload.Span, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
