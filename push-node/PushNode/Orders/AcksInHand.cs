using PushPlatform.Delivery.Ledger;

namespace PushPlatform.PushNode.Orders;

/// <summary>What one vehicle says of one delivery.</summary>
internal readonly record struct Ack(ActiveOrder Order, LocalVehicle Vehicle, Settlement Settlement)
{
    /// <summary>Says again on the same connection what the other says already.</summary>
    public bool Repeats(Ack other) =>
        Vehicle == other.Vehicle && Settlement == other.Settlement && Order.DeliveryId == other.Order.DeliveryId && Order.LedgerId == other.Order.LedgerId;
}

internal enum AckTake
{
    /// <summary>To be recorded, and then let go.</summary>
    Taken,

    /// <summary>One that says the same is in hand: there is nothing more to record.</summary>
    Repeated,

    /// <summary>This vehicle has too many in hand.</summary>
    TooMany,
}

/// <summary>The acks that are taken and not recorded yet, bounded for each vehicle: one that floods fills its own share and never the lane that others use too.</summary>
/// <remarks>Counts by unit, so that coming back on a new connection wins no second share. A vehicle without an ack in hand costs nothing. Calls take a short lock.</remarks>
internal sealed class AcksInHand
{
    /// <summary>As many deliveries as <c>seen</c> may name: more open ones than that a vehicle does not have.</summary>
    public const int PerVehicle = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Share> _shares = [];

    public AckTake TryTake(Ack ack)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(ack.Vehicle.Unit, out Share? share))
            {
                share = new Share();
                _shares.Add(ack.Vehicle.Unit, share);
            }

            if (share.Acks.Exists(ack.Repeats))
            {
                return AckTake.Repeated;
            }

            if (share.Acks.Count == PerVehicle)
            {
                return AckTake.TooMany;
            }

            share.Acks.Add(ack);
            return AckTake.Taken;
        }
    }

    /// <summary>It is recorded, or could not be queued.</summary>
    public void LetGo(Ack ack)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            if (_shares.TryGetValue(ack.Vehicle.Unit, out Share? share) && share.Acks.Remove(ack))
            {
                (room, share.Room) = (share.Room, null);
                if (share.Acks.Count == 0)
                {
                    _shares.Remove(ack.Vehicle.Unit);
                }
            }
        }

        room?.SetResult();
    }

    /// <summary>Completes when one more of this vehicle's may be taken.</summary>
    public Task RoomAsync(LocalVehicle vehicle, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(vehicle.Unit, out Share? share) || share.Acks.Count < PerVehicle)
            {
                return Task.CompletedTask;
            }

            share.Room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return share.Room.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Share
    {
        public List<Ack> Acks { get; } = [];

        /// <summary>Awaited by the connections that were told <see cref="AckTake.TooMany"/>.</summary>
        public TaskCompletionSource? Room { get; set; }
    }
}
