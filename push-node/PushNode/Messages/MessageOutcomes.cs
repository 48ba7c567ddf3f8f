namespace PushPlatform.PushNode.Messages;

/// <summary>What becomes of a direct message: the words of PROTOCOL.md §4 and §7, and the metrics' tags.</summary>
internal static class MessageOutcomes
{
    /// <summary>To a vehicle: handed to its connection, which says nothing of whether it is read.</summary>
    public const string Sent = "sent";

    /// <summary>To a vehicle: too much is waiting for it already; it is being cut off.</summary>
    public const string Slow = "slow";

    /// <summary>To a vehicle: its connection was just ending.</summary>
    public const string Gone = "gone";

    /// <summary>To a vehicle: its time was over before it was its turn.</summary>
    public const string Expired = "expired";

    /// <summary>From a vehicle: at least one service's queue has it.</summary>
    public const string Accepted = "accepted";

    /// <summary>From a vehicle: no service listens.</summary>
    public const string Unheard = "unheard";

    /// <summary>From a vehicle: the broker cannot be reached, or too much waits for it.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>From a vehicle: it says too much.</summary>
    public const string Throttled = "throttled";
}
