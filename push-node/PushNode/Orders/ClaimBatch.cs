using PushPlatform.Delivery.Ledger;

namespace PushPlatform.PushNode.Orders;

/// <summary>Vehicles of one shard that are being claimed together.</summary>
internal sealed record ClaimBatch(int Shard, IReadOnlyList<LocalDelivery> Deliveries)
{
    public IReadOnlyList<ClaimRequest> Requests { get; } =
        [
        .. Deliveries.Select(delivery => new ClaimRequest(
            delivery.Vehicle.Unit, delivery.Vehicle.Session, delivery.Attempt, delivery.TakeAlong, delivery.Uncounted)),
    ];
}
