using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>What a node does about one vehicle in one campaign: the decisions, as tables without I/O.</summary>
internal static class Judge
{
    /// <summary>The phase after the ledger was looked up. <see cref="DeliveryPhase.Ready"/> is subject to the area.</summary>
    /// <param name="now">The phase when the answer came.</param>
    /// <param name="takeable">A newcomer whom the order would take along.</param>
    public static DeliveryPhase OnLook(DeliveryPhase now, VehicleStanding standing, bool takeable) => (now, standing) switch
    {
        // A claim is under way: it knows better.
        (DeliveryPhase.Claiming, _) => now,
        (_, VehicleStanding.Final or VehicleStanding.ToForget) => DeliveryPhase.Final,
        // So does the ack.
        (DeliveryPhase.Answered, _) => now,
        (_, VehicleStanding.Received) => DeliveryPhase.Installing,
        // The wheel and the quota say when it goes on.
        (DeliveryPhase.InFlight or DeliveryPhase.Waiting or DeliveryPhase.Starved or DeliveryPhase.LeftAlone, VehicleStanding.Open or VehicleStanding.CatchUp) => now,
        (_, VehicleStanding.Open or VehicleStanding.CatchUp) => DeliveryPhase.Ready,
        (DeliveryPhase.Waiting or DeliveryPhase.Starved or DeliveryPhase.LeftAlone, VehicleStanding.NotTarget) when takeable => now,
        (_, VehicleStanding.NotTarget) => takeable ? DeliveryPhase.Ready : DeliveryPhase.NotTarget,
        _ => throw new ArgumentOutOfRangeException(nameof(standing), standing, null),
    };

    /// <summary>The same for an order that cancels: whoever is marked is told to forget it, and nobody else is told anything.</summary>
    /// <param name="now">The phase when the answer came.</param>
    /// <param name="told">It was told on this connection.</param>
    public static DeliveryPhase OnCancelLook(DeliveryPhase now, VehicleStanding standing, bool told) => (now, standing) switch
    {
        // The ack knows better.
        (DeliveryPhase.Answered, VehicleStanding.ToForget) => now,
        (_, VehicleStanding.ToForget) => told ? DeliveryPhase.CancelTold : DeliveryPhase.ToCancel,
        (_, VehicleStanding.NotTarget) => DeliveryPhase.NotTarget,
        _ => DeliveryPhase.Final,
    };

    /// <summary>The phase after a claim was answered. <see cref="DeliveryPhase.InFlight"/>: send now.</summary>
    public static DeliveryPhase OnClaim(ClaimOutcome outcome) => outcome switch
    {
        ClaimOutcome.Granted => DeliveryPhase.InFlight,
        ClaimOutcome.Settled or ClaimOutcome.Exhausted or ClaimOutcome.Rehearsed => DeliveryPhase.Final,
        ClaimOutcome.NotYet => DeliveryPhase.Waiting,
        ClaimOutcome.QuotaExhausted => DeliveryPhase.Starved,
        ClaimOutcome.NotTarget or ClaimOutcome.NewerSession => DeliveryPhase.NotTarget,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <summary>The phase after the ledger has recorded an ack.</summary>
    public static DeliveryPhase OnSettled(AckStatus status, AckLevel level) =>
        status == AckStatus.Received && level == AckLevel.Installed ? DeliveryPhase.Installing : DeliveryPhase.Final;

    /// <summary>Whether a vehicle that is not in the ledger is put in with its first claim.</summary>
    public static bool Takes(ActiveOrder order, LocalVehicle vehicle) =>
        order.Order is { TakesNewVehicles: true, Listed: false } && order.IsNewcomer(vehicle) && order.Selects(vehicle);
}
