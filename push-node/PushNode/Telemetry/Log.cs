using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace PushPlatform.PushNode.Telemetry;

/// <summary>What the node's connections side says. Nothing per connection: a storm of vehicles is no storm of lines.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "An entry of the timing wheel failed")]
    public static partial void WheelEntryFailed(this ILogger logger, Exception fault);

    [LoggerMessage(2, LogLevel.Information, "A change was read: {Part}")]
    public static partial void FileTaken(this ILogger logger, string part);

    [LoggerMessage(3, LogLevel.Warning, "{Fault}; what was read before stays in use")]
    public static partial void FileKept(this ILogger logger, string fault);

    [LoggerMessage(4, LogLevel.Information, "Leaving: sending {Vehicles} vehicles away within {Drain}")]
    public static partial void DrainBegins(this ILogger logger, int vehicles, TimeSpan drain);

    [LoggerMessage(5, LogLevel.Information, "All sent away but {Left}, after {Took}")]
    public static partial void DrainEnds(this ILogger logger, int left, TimeSpan took);

    [LoggerMessage(6, LogLevel.Information, "Node {Name} of pool {Pool}: vehicles at {Vehicles}, health at {Health}, up to {Connections} connections")]
    public static partial void NodeStarted(this ILogger logger, string name, string pool, string vehicles, string health, int connections);

    [LoggerMessage(7, LogLevel.Warning, "No connection can be accepted ({Fault}); tried again until one is")]
    public static partial void AcceptFailed(this ILogger logger, SocketError fault);

    [LoggerMessage(8, LogLevel.Error, "A vehicle's connection failed")]
    public static partial void ConnectionFailed(this ILogger logger, Exception fault);
}
