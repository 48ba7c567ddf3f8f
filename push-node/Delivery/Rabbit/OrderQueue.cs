using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>Hints for one node. Full: the hint is dropped, and the reader is told to read the truth instead.</summary>
internal sealed class OrderQueue(BusMetrics metrics, ILogger logger) : NodeQueue<BusEvent>(capacity: 1024)
{
    private int _missed;

    public override async Task ConsumeAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken)
    {
        await BusTopology.OrdersOf(pool).DeclareAsync(channel, cancellationToken);
        string queue = await BusTopology.DeclareOrderQueueAsync(channel, pool, cancellationToken);
        AsyncEventingBasicConsumer consumer = new(channel);
        consumer.ReceivedAsync += TakeAsync;
        consumer.UnregisteredAsync += EndAsync;
        // Hints need no acknowledgement: what is lost with a connection is read from the order book once the next one stands.
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken);
    }

    /// <summary>Begins with <see cref="BusEvent.Connected"/>.</summary>
    public override async IAsyncEnumerable<BusEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new BusEvent.Connected();
        while (await WaitAsync(cancellationToken))
        {
            while (Arrived.TryRead(out BusEvent? happened))
            {
                yield return happened;
            }

            if (Interlocked.Exchange(ref _missed, 0) == 1)
            {
                yield return new BusEvent.Connected();
            }
        }
    }

    private Task TakeAsync(object sender, BasicDeliverEventArgs delivery)
    {
        // The body is valid only until this handler returns.
        if (Parse(delivery.Body.Span) is { } message && !Arriving.TryWrite(new BusEvent.Received(message)))
        {
            Interlocked.Exchange(ref _missed, 1);
            metrics.Dropped("inbox-full");
        }

        return Task.CompletedTask;
    }

    private BusMessage? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DeliveryJson.Default.BusMessage) switch
            {
                null or OrderMessage { Order: null } or KickMessage { Vid: null } => throw new JsonException("it lacks what it is about"),
                var message => message,
            };
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            metrics.Dropped("poison");
            logger.PoisonMessage(e.Message);
            return null;
        }
    }
}
