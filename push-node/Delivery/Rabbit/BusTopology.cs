using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>What stands in the broker: one durable fanout exchange a pool; each node brings its own queue and takes it away.</summary>
internal static class BusTopology
{
    // A node that does not read for so long has missed enough to read the truth instead; the oldest hints go first.
    private static readonly Dictionary<string, object?> QueueLimits = new() { ["x-max-length"] = 10_000, ["x-overflow"] = "drop-head" };

    public static string ExchangeOf(PoolName pool) => $"push.{pool.Namespace}.{pool.Name}";

    public static Task DeclareExchangeAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(ExchangeOf(pool), ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);

    /// <summary>Server-named, so that a reconnect never races the deletion of its own old queue.</summary>
    public static async Task<string> DeclareQueueAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken)
    {
        QueueDeclareOk queue = await channel.QueueDeclareAsync(
            queue: "", durable: false, exclusive: true, autoDelete: true, arguments: QueueLimits, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue.QueueName, ExchangeOf(pool), routingKey: "", cancellationToken: cancellationToken);
        return queue.QueueName;
    }
}
