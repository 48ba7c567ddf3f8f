namespace PushPlatform.PushNode.Connections;

/// <summary>Every way in which a node ends a connection; PROTOCOL.md says what each asks of the vehicle.</summary>
/// <param name="Code">WebSocket close code.</param>
/// <param name="Name">The <c>reason</c> of <c>bye</c>, and the metric's tag.</param>
internal sealed record CloseReason(int Code, string Name)
{
    public static readonly CloseReason Draining = new(1012, "draining");
    public static readonly CloseReason Unauthorized = new(4401, "unauthorized");
    public static readonly CloseReason Slow = new(4408, "slow");
    public static readonly CloseReason Replaced = new(4409, "replaced");
    public static readonly CloseReason Idle = new(4410, "idle");
    public static readonly CloseReason Protocol = new(4400, "protocol");
    public static readonly CloseReason ProtocolError = new(1002, "protocol");
    public static readonly CloseReason UnsupportedData = new(1003, "protocol");
    public static readonly CloseReason InvalidPayload = new(1007, "protocol");
    public static readonly CloseReason TooBig = new(1009, "protocol");

    /// <summary>Not the node's doing: the vehicle closed. Never sent in a <c>bye</c>.</summary>
    public static readonly CloseReason VehicleLeft = new(1000, "left");

    /// <summary>Not the node's doing: the link broke. Never sent.</summary>
    public static readonly CloseReason LinkLost = new(1006, "lost");

    /// <summary>The vehicle broke the protocol: what else it says does not count.</summary>
    public bool IsViolation => Name == Protocol.Name;
}
