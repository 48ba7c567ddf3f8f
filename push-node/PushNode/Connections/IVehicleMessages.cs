using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Connections;

/// <summary>What vehicles say to services, told to the messages' side.</summary>
internal interface IVehicleMessages
{
    /// <summary>Called on the connection's own read loop; returns at once. The vehicle hears of the outcome by a frame.</summary>
    void Said(IVehicleLink link, MessageFrame message);
}
