using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Telemetry;

/// <summary>Everything that the operator says in its log.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Campaign {Campaign} revision {Revision}: {Step}")]
    public static partial void Acting(this ILogger log, NamespacedName campaign, int revision, string step);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Campaign {Campaign}: Redis is not available: {Fault}")]
    public static partial void CampaignWithoutRedis(this ILogger log, NamespacedName campaign, string fault);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "Campaign {Campaign}: let go although it could not be closed")]
    public static partial void FinalizeFailed(this ILogger log, NamespacedName campaign, Exception fault);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "The order of {Campaign} has no PushCampaign any more: closed")]
    public static partial void OrphanClosed(this ILogger log, string campaign);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "{Loop} failed; it goes on at its next turn")]
    public static partial void LoopFailed(this ILogger log, string loop, Exception fault);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "Pool {Pool}: Redis is not available, connections are unknown: {Fault}")]
    public static partial void PoolWithoutRedis(this ILogger log, NamespacedName pool, string fault);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Redis as the keeper of ledgers: {Fault}")]
    public static partial void RedisUnfit(this ILogger log, string fault);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "{Fault}; nodes notice changes by themselves")]
    public static partial void BusLost(this ILogger log, string fault);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "RabbitMQ takes messages again")]
    public static partial void BusBack(this ILogger log);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Campaign {Campaign}: Redis answers again")]
    public static partial void CampaignHasRedisAgain(this ILogger log, NamespacedName campaign);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Pool {Pool}: Redis answers again")]
    public static partial void PoolHasRedisAgain(this ILogger log, NamespacedName pool);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "{Loop}: Redis is not available; it goes on when it is back: {Fault}")]
    public static partial void LoopWithoutRedis(this ILogger log, string loop, string fault);

    [LoggerMessage(EventId = 13, Level = LogLevel.Information, Message = "{Loop}: Redis answers again")]
    public static partial void LoopHasRedisAgain(this ILogger log, string loop);

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message = "A question about cars could not be answered: {Fault}")]
    public static partial void InquiryFailed(this ILogger log, string fault);
}
