using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes;

/// <summary>Everything that this room logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Kind} {Key} does not fit its type and is skipped until it changes")]
    public static partial void Unreadable(ILogger logger, string kind, NamespacedName key, Exception exception);
}
