using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>
/// Direct messages for one node. Full: no more is taken from the broker, where the queue is bounded in number and bytes and lets go of the oldest;
/// their senders hear nothing of this node.
/// </summary>
internal sealed class MessageQueue(TimeProvider time, BusMetrics metrics, ILogger logger) : NodeQueue<ArrivedMessage>(Capacity)
{
    /// <summary>Messages here, and as many on their way from the broker: a few MiB at most.</summary>
    private const int Capacity = 32;

    public override async Task ConsumeAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken)
    {
        await BusTopology.MessagesOf(pool).DeclareAsync(channel, cancellationToken);
        // So that services can bind to it before the first vehicle has said anything.
        await BusTopology.UplinkOf(pool).DeclareAsync(channel, cancellationToken);
        string queue = await BusTopology.DeclareMessageQueueAsync(channel, pool, cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, Capacity, global: false, cancellationToken);
        AsyncEventingBasicConsumer consumer = new(channel);
        consumer.ReceivedAsync += TakeAsync;
        consumer.UnregisteredAsync += EndAsync;
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
    }

    public override async IAsyncEnumerable<ArrivedMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WaitAsync(cancellationToken))
        {
            while (Arrived.TryRead(out ArrivedMessage? message))
            {
                yield return message;
            }
        }
    }

    private async Task TakeAsync(object sender, BasicDeliverEventArgs delivery)
    {
        try
        {
            // The body is valid only until this handler returns; a message that is read holds copies.
            if (Read(delivery) is { } arrived)
            {
                await Arriving.WriteAsync(arrived, delivery.CancellationToken);
            }

            // Only for the flow: a message that was taken and not sent is lost, for nothing is sent twice.
            await ((AsyncEventingBasicConsumer)sender).Channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, delivery.CancellationToken);
        }
        catch (Exception ended) when (ended is ChannelClosedException or OperationCanceledException or RabbitMQ.Client.Exceptions.AlreadyClosedException)
        {
            // The connection is over, and its queue with it.
        }
    }

    private ArrivedMessage? Read(BasicDeliverEventArgs delivery)
    {
        IReadOnlyBasicProperties properties = delivery.BasicProperties;
        ReplyAddress? replyTo = properties.ReplyTo is { Length: > 0 } queue ? new ReplyAddress(queue, properties.CorrelationId) : null;
        DateTimeOffset now = time.GetUtcNow();
        if (!DirectMessage.TryParse(delivery.Body, out DirectMessage? message, out string? fault))
        {
            metrics.Dropped($"message-{fault}");
            logger.PoisonMessage($"a direct message's {fault} is faulty");
            return replyTo is null ? null : new ArrivedMessage(null, fault, now, replyTo);
        }

        return new ArrivedMessage(message, null, SentAt(properties, now) + TimeSpan.FromSeconds(message.TtlSeconds), replyTo);
    }

    /// <summary>The sender's own time where it gives one that has come; otherwise now.</summary>
    private static DateTimeOffset SentAt(IReadOnlyBasicProperties properties, DateTimeOffset now)
    {
        long seconds = properties.IsTimestampPresent() ? properties.Timestamp.UnixTime : long.MaxValue;
        return seconds >= 0 && seconds < now.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : now;
    }
}
