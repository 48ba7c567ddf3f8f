using Microsoft.Extensions.Logging;

namespace PushPlatform.Delivery.Bus;

internal static partial class BusLog
{
    [LoggerMessage(1, LogLevel.Information, "RabbitMQ at {Broker}: subscribed to pool {Pool}")]
    public static partial void BusConnected(this ILogger logger, string broker, PoolName pool);

    [LoggerMessage(2, LogLevel.Warning, "RabbitMQ at {Broker}: connection lost ({Reason}); connecting again")]
    public static partial void BusLost(this ILogger logger, string broker, string reason);

    [LoggerMessage(3, LogLevel.Warning, "RabbitMQ at {Broker} is not reachable: {Reason}")]
    public static partial void BusUnreachable(this ILogger logger, string broker, string reason);

    [LoggerMessage(4, LogLevel.Warning, "RabbitMQ at {Broker}: connection is built anew: {Reason}")]
    public static partial void BusRebuilt(this ILogger logger, string broker, string reason);

    [LoggerMessage(5, LogLevel.Warning, "A message on the bus could not be read and was dropped: {Reason}")]
    public static partial void PoisonMessage(this ILogger logger, string reason);
}
