using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Connections;

/// <summary>What all connections of a node share.</summary>
internal sealed record VehicleRoom(
    VehicleIndex Index,
    IVehicleEvents Events,
    IVehicleMessages Messages,
    TimingWheel Wheel,
    Admission Admission,
    NodeMetrics Metrics,
    NodeOptions Options,
    TimeProvider Time);
