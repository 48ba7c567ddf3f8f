using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Connections;

/// <summary>What happens on connections, told to the orders' side.</summary>
/// <remarks>Called on the connection's own read loop, in order for each connection; returns at once. A false answer of <see cref="Acked"/> is back-pressure.</remarks>
internal interface IVehicleEvents
{
    /// <summary>Hello was accepted and the link is in the <see cref="VehicleIndex"/>. The orders' side answers with <c>welcome</c>.</summary>
    void Arrived(IVehicleLink link, HelloFrame hello);

    /// <summary>False: not taken, too much is waiting to be recorded. The connection reads no further, and offers the ack again once <see cref="AcksAccepted"/> completes.</summary>
    bool Acked(IVehicleLink link, AckFrame ack);

    /// <summary>Completes when acks of this vehicle are taken again; while the node stops, only by cancellation.</summary>
    ValueTask AcksAccepted(IVehicleLink link, CancellationToken cancellationToken);

    /// <summary>A new position; the link has it already.</summary>
    void Moved(IVehicleLink link);

    /// <summary>New labels; the link has them already.</summary>
    void Relabelled(IVehicleLink link);

    /// <summary>The connection has ended and is out of the index. The last call for a link.</summary>
    void Left(IVehicleLink link);
}
