using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>What stands in the broker: three durable exchanges a pool; each node brings its own queues and takes them away.</summary>
internal static class BusTopology
{
    // A node that does not read for so long has missed enough to read the truth instead; the oldest hints go first.
    private static readonly Dictionary<string, object?> OrderLimits = new() { ["x-max-length"] = 10_000, ["x-overflow"] = "drop-head" };

    // A node that does not read for so long would send what nobody waits for any more; the oldest messages go first.
    private static readonly Dictionary<string, object?> MessageLimits = new()
    {
        ["x-max-length"] = 1_000,
        ["x-max-length-bytes"] = 16 * 1024 * 1024,
        ["x-overflow"] = "drop-head",
    };

    /// <summary>The hints for nodes.</summary>
    public static BusExchange OrdersOf(PoolName pool) => new($"push.{pool.Namespace}.{pool.Name}", ExchangeType.Fanout);

    /// <summary>From services, for vehicles.</summary>
    public static BusExchange MessagesOf(PoolName pool) => new($"{OrdersOf(pool).Name}.messages", ExchangeType.Fanout);

    /// <summary>From vehicles, for services; the routing key is the role.</summary>
    public static BusExchange UplinkOf(PoolName pool) => new($"{OrdersOf(pool).Name}.uplink", ExchangeType.Topic);

    public static Task<string> DeclareOrderQueueAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken) =>
        DeclareQueueAsync(channel, OrdersOf(pool), OrderLimits, cancellationToken);

    public static Task<string> DeclareMessageQueueAsync(IChannel channel, PoolName pool, CancellationToken cancellationToken) =>
        DeclareQueueAsync(channel, MessagesOf(pool), MessageLimits, cancellationToken);

    /// <summary>Server-named, so that a reconnect never races the deletion of its own old queue.</summary>
    private static async Task<string> DeclareQueueAsync(
        IChannel channel, BusExchange exchange, Dictionary<string, object?> limits, CancellationToken cancellationToken)
    {
        QueueDeclareOk queue = await channel.QueueDeclareAsync(
            queue: "", durable: false, exclusive: true, autoDelete: true, arguments: limits, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue.QueueName, exchange.Name, routingKey: "", cancellationToken: cancellationToken);
        return queue.QueueName;
    }
}

/// <param name="Name">Empty: the broker's own, which reaches every queue by its name and is not declared.</param>
internal readonly record struct BusExchange(string Name, string Type)
{
    public static readonly BusExchange ToQueue = new("", ExchangeType.Direct);

    public Task DeclareAsync(IChannel channel, CancellationToken cancellationToken) =>
        Name.Length == 0 ? Task.CompletedTask : channel.ExchangeDeclareAsync(Name, Type, durable: true, cancellationToken: cancellationToken);
}
