namespace PushPlatform.VehicleClient;

/// <summary>Settings for the WebSocket library's keep-alive, so that a dead link ends within the time that PROTOCOL.md §5 gives.</summary>
internal static class KeepAlive
{
    /// <summary>Some versions of the library look at their own deadlines no oftener than this.</summary>
    private static readonly TimeSpan FinestTick = TimeSpan.FromSeconds(1);

    /// <summary>A link that was silent for this long is dead.</summary>
    internal static TimeSpan DeadLinkAfter(TimeSpan pingInterval) => 3 * pingInterval;

    /// <summary>
    /// ClientWebSocket hides the node's pings from us, but counts them as life: it pings by itself only after a silence of Interval, and aborts when no pong comes within Timeout. It looks
    /// at both every max(1 s, min(Interval, Timeout) / 4), so the worst case is Interval + Timeout + two ticks, which is made equal to the dead-link time. Interval is a fifth longer
    /// than the node's, so on a healthy link the node's pings come first and the car needs none of its own. Below a ping interval of 2 s the tick makes the worst case up to 2 s longer.
    /// </summary>
    internal static (TimeSpan Interval, TimeSpan Timeout) For(TimeSpan pingInterval)
    {
        TimeSpan interval = 1.2 * pingInterval;
        TimeSpan tick = interval / 4 > FinestTick ? interval / 4 : FinestTick;
        TimeSpan timeout = DeadLinkAfter(pingInterval) - interval - 2 * tick;
        TimeSpan least = pingInterval / 5;
        return (interval, timeout > least ? timeout : least);
    }
}
