using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>What carrying out orders has to say: changes of state, never one line a vehicle.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Loop} failed and starts again")]
    public static partial void LoopFailed(ILogger log, string loop, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "Redis does not answer: {Reason}")]
    public static partial void StoreAway(ILogger log, string reason);

    [LoggerMessage(3, LogLevel.Information, "Redis answers again after {Silence}")]
    public static partial void StoreBack(ILogger log, TimeSpan silence);

    [LoggerMessage(4, LogLevel.Warning, "Cut off from Redis: vehicles are kept, nothing is sent")]
    public static partial void CutOff(ILogger log);

    [LoggerMessage(5, LogLevel.Information, "No longer cut off: reading orders, confirming sessions")]
    public static partial void CutOffOver(ILogger log);

    [LoggerMessage(6, LogLevel.Warning, "Without Redis for too long: sending {Vehicles} vehicles away")]
    public static partial void SendingAway(ILogger log, int vehicles);

    [LoggerMessage(7, LogLevel.Error, "The ledger of {Campaign} is lost: nothing more is sent for it")]
    public static partial void LedgerLost(ILogger log, CampaignKey campaign);

    [LoggerMessage(8, LogLevel.Warning, "The bus takes no kicks, older connections are found by confirmation: {Reason}")]
    public static partial void KicksLost(ILogger log, string reason);

    [LoggerMessage(9, LogLevel.Debug, "{Campaign}: shard {Shard} is frozen with {Targets} targets")]
    public static partial void ShardFrozen(ILogger log, CampaignKey campaign, int shard, long targets);

    [LoggerMessage(10, LogLevel.Information, "Carrying out {Campaign}")]
    public static partial void Started(ILogger log, CampaignKey campaign);

    [LoggerMessage(11, LogLevel.Information, "{Campaign} is over here")]
    public static partial void Ended(ILogger log, CampaignKey campaign);

    [LoggerMessage(12, LogLevel.Error, "{What}")]
    public static partial void StoreDamaged(ILogger log, string what);

    [LoggerMessage(13, LogLevel.Information, "Told to drain: sending {Vehicles} vehicles away within {Drain}")]
    public static partial void ToldToDrain(ILogger log, int vehicles, TimeSpan drain);

    [LoggerMessage(14, LogLevel.Information, "Told to stay after all: {Vehicles} vehicles are left, and others may come")]
    public static partial void DrainLifted(ILogger log, int vehicles);
}
