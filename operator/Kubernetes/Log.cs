using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes;

/// <summary>Everything that this room logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Kind} {Key} does not fit its type and is skipped until it changes")]
    public static partial void Unreadable(ILogger logger, string kind, NamespacedName key, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "{Kind}: {Count} objects listed, watching")]
    public static partial void Synced(ILogger logger, string kind, int count);

    [LoggerMessage(3, LogLevel.Information, "{Kind}: the API server refused list or watch, listing again: {Reason}")]
    public static partial void WatchRefused(ILogger logger, string kind, string reason);

    [LoggerMessage(4, LogLevel.Debug, "{Kind}: list or watch broke, trying again: {Reason}")]
    public static partial void WatchBroken(ILogger logger, string kind, string reason);

    [LoggerMessage(5, LogLevel.Information, "The leader is {Holder}; this is {Identity}")]
    public static partial void LeaderIs(ILogger logger, string holder, string identity);

    [LoggerMessage(6, LogLevel.Warning, "The lease could not be read or written: {Reason}")]
    public static partial void LeaseUnreachable(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Critical, "Leadership is lost (holder now: {Holder}); this process ends")]
    public static partial void LeadershipLost(ILogger logger, string holder);

    [LoggerMessage(8, LogLevel.Information, "The lease is released")]
    public static partial void LeaseReleased(ILogger logger);

    [LoggerMessage(9, LogLevel.Error, "{Controller}: {Key} failed and will be retried")]
    public static partial void ReconcileFailed(ILogger logger, string controller, NamespacedName key, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "{Controller}: {Key} failed and will be retried: {Reason}")]
    public static partial void ReconcileRetried(ILogger logger, string controller, NamespacedName key, string reason);

    [LoggerMessage(11, LogLevel.Warning, "{Controller}: {Key} failed for good, until it changes: {Reason}")]
    public static partial void ReconcileTerminal(ILogger logger, string controller, NamespacedName key, string reason);

    [LoggerMessage(12, LogLevel.Information, "{Controller}: {Key} moved while it was reconciled, looking again")]
    public static partial void ReconcileConflict(ILogger logger, string controller, NamespacedName key);

    [LoggerMessage(13, LogLevel.Warning, "An event of {Key} ({Reason}) was not written: {Cause}")]
    public static partial void EventLost(ILogger logger, NamespacedName key, string reason, string cause);

    [LoggerMessage(15, LogLevel.Warning, "{Fault}")]
    public static partial void ServerSilent(ILogger logger, string fault);

    [LoggerMessage(16, LogLevel.Information, "Kubernetes API at {Server} answers again after {Silence}")]
    public static partial void ServerAnswersAgain(ILogger logger, string server, TimeSpan silence);

    [LoggerMessage(17, LogLevel.Debug, "{Controller}: {Key} waits for the API server: {Reason}")]
    public static partial void ReconcileWithoutServer(ILogger logger, string controller, NamespacedName key, string reason);

    [LoggerMessage(14, LogLevel.Information, "{Controller}: working, {Workers} objects at once")]
    public static partial void ControllerWorking(ILogger logger, string controller, int workers);
}
