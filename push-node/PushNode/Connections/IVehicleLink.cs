using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Connections;

/// <summary>One vehicle's connection, as the orders' side sees it. Exists from its hello until it ends.</summary>
/// <remarks>No member waits for the vehicle: a slow one is cut, and delays no other (G7).</remarks>
internal interface IVehicleLink
{
    string Vid { get; }

    /// <summary>What this is the one connection of: the vehicle, or in a pool that keeps them apart the device (<see cref="Delivery.UnitId"/>).</summary>
    string Unit { get; }

    /// <summary>What the connection is for, as its token grants it; null: it has none.</summary>
    string? Role { get; }

    /// <summary>As told in hello or since, with <see cref="VehicleRole.Label"/> put in; null: the vehicle has not said.</summary>
    IReadOnlyDictionary<string, string>? Labels { get; }

    /// <summary>The last position told on this connection; null: the vehicle has not said.</summary>
    VehiclePosition? Position { get; }

    bool IsOpen { get; }

    /// <summary>Whether the outbox can take another push: a vehicle is claimed only then.</summary>
    bool HasRoom { get; }

    /// <summary>What the orders' side knows of this vehicle; the connection only carries it.</summary>
    object? Deliveries { get; set; }

    /// <summary>What the messages' side knows of it; null until it has said something to services.</summary>
    object? Messages { get; set; }

    /// <summary>Where <see cref="LinkRoll"/> keeps it; nobody else's business.</summary>
    int Place { get; set; }

    /// <summary>Sends at once or queues, in order. False: closed, or the outbox was full and the vehicle is being cut as slow; nothing of the frame will arrive.</summary>
    bool TrySend(WireFrame frame);

    /// <summary>Says <c>bye</c>, sends the close frame and ends. The first reason wins. Returns at once.</summary>
    void Close(CloseReason reason, TimeSpan? reconnectAfter = null);
}
