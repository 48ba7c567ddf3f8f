using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Protocol;

/// <summary>A vehicle's first frame.</summary>
/// <param name="Device">The default one when it was not said; empty when faulty.</param>
/// <param name="Labels">Null: not said; those on record stay.</param>
/// <param name="Seen">Delivery ids that the vehicle has already; each counts as <c>received</c>. At most 16.</param>
internal sealed record HelloFrame(
    string Vid, string Device, IReadOnlyDictionary<string, string>? Labels, VehiclePosition? Position, IReadOnlyList<string> Seen);

/// <summary>What a vehicle says to services.</summary>
/// <param name="Id">1 to 128 visible ASCII characters.</param>
/// <param name="Payload">A JSON value as it was written, but null.</param>
internal sealed record MessageFrame(string Id, byte[] Payload);

/// <param name="Delivery">A delivery id, <c>campaignId#revision</c>.</param>
internal readonly record struct AckFrame(string Delivery, AckStatus Status, string? Code, string? Detail);
