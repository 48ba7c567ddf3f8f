using Microsoft.Extensions.Logging;

namespace PushPlatform.Delivery.Redis;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Redis answers")]
    public static partial void Answers(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "{Fault}")]
    public static partial void Lost(ILogger logger, string? fault);

    [LoggerMessage(3, LogLevel.Debug, "Building the connection to Redis anew: {Fault}")]
    public static partial void Rebuilding(ILogger logger, string? fault);

    [LoggerMessage(4, LogLevel.Debug, "An old connection to Redis did not close in order")]
    public static partial void CloseFailed(ILogger logger, Exception error);
}
