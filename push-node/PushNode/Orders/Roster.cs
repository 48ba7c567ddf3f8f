using PushPlatform.Delivery.Ledger;

namespace PushPlatform.PushNode.Orders;

/// <summary>The connected vehicles that one campaign concerns, and what is next for each. No I/O: the runner asks, the roster keeps.</summary>
/// <remarks>Each vehicle is in at most one place of each kind, so every list is bounded by the connections. Calls take a short lock.</remarks>
internal sealed partial class Roster(TimeProvider clock, RedisClock redisClock)
{
    /// <summary>A claim is answered within seconds, and so is an ack once Redis answers others: after this, whoever had it in hand has lost it.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly Dictionary<LocalVehicle, LocalDelivery> _deliveries = [];
    private readonly RosterLists _lists = new();

    /// <summary>Ms since the roster was made: the clock of <see cref="Note"/>.</summary>
    public long Now => (long)clock.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>Queues a vehicle to be looked up in the ledger.</summary>
    /// <param name="recheck">Only to be sure: until answered it does not count as open.</param>
    public void Consider(LocalVehicle vehicle, bool recheck)
    {
        lock (_gate)
        {
            if (vehicle.Gone || !vehicle.Welcomed)
            {
                return;
            }

            LocalDelivery delivery = GetOrAdd(vehicle, recheck);
            delivery.IsRecheck &= recheck;
            _lists.QueueLook(delivery);
        }
    }

    /// <summary>Takes up to 256 vehicles of one shard to look up; empty when there are none.</summary>
    public IReadOnlyList<LocalVehicle> TakeToLook()
    {
        lock (_gate)
        {
            return _lists.TakeToLook(ShardLanes<LocalDelivery>.BatchSize);
        }
    }

    /// <summary>Notes what the ledger said of a vehicle.</summary>
    /// <param name="asked">When it was asked (<see cref="Now"/>): what changed since is newer than the answer.</param>
    public void Note(ActiveOrder order, LocalVehicle vehicle, VehicleStanding standing, long asked)
    {
        lock (_gate)
        {
            if (vehicle.Gone)
            {
                return;
            }

            LocalDelivery delivery = GetOrAdd(vehicle, recheck: false);
            if (delivery.Phase != DeliveryPhase.Unknown && delivery.ChangedAt > asked)
            {
                return;
            }

            bool takeable = standing == VehicleStanding.NotTarget && Judge.Takes(order, vehicle);
            delivery.IsTarget = standing != VehicleStanding.NotTarget;
            delivery.WasAway = standing == VehicleStanding.CatchUp;
            delivery.TakeAlong = takeable;
            delivery.IsRecheck = false;
            bool isLost = delivery.Phase is DeliveryPhase.Claiming or DeliveryPhase.Answered && asked - delivery.ChangedAt > LostAfter.TotalMilliseconds;
            bool isAskedAnew = delivery.Phase == DeliveryPhase.LeftAlone && delivery.LeftAloneBy != order.LeavesAloneFor;
            DeliveryPhase before = isLost || isAskedAnew ? DeliveryPhase.Unknown : delivery.Phase;
            DeliveryPhase next = order.CancelFrame is null ? Judge.OnLook(before, standing, takeable) : Judge.OnCancelLook(before, standing, delivery.ToldToForget);
            if (next != delivery.Phase || next == DeliveryPhase.Ready)
            {
                MoveTo(delivery, next, order);
            }
        }
    }

    /// <summary>The vehicle acknowledged: nothing is sent to it while the ledger is being told.</summary>
    public void Answered(ActiveOrder order, LocalVehicle vehicle, AckStatus status)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery) && delivery.Phase is not (DeliveryPhase.Final or DeliveryPhase.NotTarget)
                && !IsOfAnEarlierTry(order, delivery, status))
            {
                _lists.Move(delivery, DeliveryPhase.Answered, Now);
            }
        }
    }

    /// <summary>The ledger has recorded an ack.</summary>
    public void Settled(ActiveOrder order, LocalVehicle vehicle, AckStatus status)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery) && delivery.Phase != DeliveryPhase.Final && !IsOfAnEarlierTry(order, delivery, status))
            {
                _lists.Move(delivery, Judge.OnSettled(status, order.Order.Delivery.AckLevel), Now);
                // One fewer is in flight: another may have its place.
                FeedStarved(order, vehicle.Shard, delivery.Phase == DeliveryPhase.Final ? 1 : 0);
            }
        }
    }

    /// <summary>A new position or new labels. True: it is to be looked up.</summary>
    public bool Changed(ActiveOrder order, LocalVehicle vehicle)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery))
            {
                if (delivery.Phase is DeliveryPhase.Outside or DeliveryPhase.Quiet)
                {
                    MoveTo(delivery, DeliveryPhase.Ready, order);
                }

                return false;
            }

            return Judge.Takes(order, vehicle);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Left(ActiveOrder order, LocalVehicle vehicle)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery))
            {
                MoveTo(delivery, DeliveryPhase.NotTarget, order);
            }
        }
    }

    /// <summary>Local vehicles that are targets or may still turn out to be, and those of them that have not settled; for one that is not to be disturbed now nothing waits.</summary>
    public (int Online, int Open) Count()
    {
        lock (_gate)
        {
            int online = 0;
            int open = 0;
            foreach (LocalDelivery delivery in _deliveries.Values.Where(Counts))
            {
                online++;
                open += delivery.Phase is DeliveryPhase.Final or DeliveryPhase.Quiet or DeliveryPhase.LeftAlone ? 0 : 1;
            }

            return (online, open);
        }
    }

    /// <summary>Local vehicles that wait for their quiet hours to end.</summary>
    public int CountQuiet()
    {
        lock (_gate)
        {
            return _deliveries.Values.Count(delivery => delivery.Phase == DeliveryPhase.Quiet);
        }
    }

    /// <summary>
    /// Whether it may be the failure for which the vehicle is tried again: one that comes back says once more what it is not sure to have been heard. It is told all the same,
    /// and what it says then counts.
    /// </summary>
    private static bool IsOfAnEarlierTry(ActiveOrder order, LocalDelivery delivery, AckStatus status) =>
        order.Order.Retry > 0 && status is AckStatus.Failed or AckStatus.Rejected && delivery.Phase is not (DeliveryPhase.InFlight or DeliveryPhase.Answered);

    private static bool Counts(LocalDelivery delivery) => delivery.Phase switch
    {
        DeliveryPhase.Unknown => !delivery.IsRecheck,
        DeliveryPhase.Outside => delivery.IsTarget,
        _ => true,
    };

    private LocalDelivery GetOrAdd(LocalVehicle vehicle, bool recheck)
    {
        if (!_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery))
        {
            delivery = new LocalDelivery(vehicle) { IsRecheck = recheck, ChangedAt = Now };
            _deliveries.Add(vehicle, delivery);
        }

        return delivery;
    }

    private void MoveTo(LocalDelivery delivery, DeliveryPhase phase, ActiveOrder order)
    {
        if (phase != DeliveryPhase.Ready || MayBeTold(delivery, order))
        {
            delivery.IsCatchUp = HasToCatchUp(delivery, order);
            _lists.Move(delivery, phase, Now);
        }

        if (phase == DeliveryPhase.NotTarget)
        {
            _deliveries.Remove(delivery.Vehicle);
        }
    }

    private static bool HasToCatchUp(LocalDelivery delivery, ActiveOrder order) => delivery.WasAway && order.HoldsCatchUp;

    /// <summary>What only time or the vehicle itself can change, looked at each time that it is to be told. False: it waits for that.</summary>
    private bool MayBeTold(LocalDelivery delivery, ActiveOrder order)
    {
        DateTimeOffset now = redisClock.Now;
        if (!order.IsInArea(delivery.Vehicle, now))
        {
            _lists.Move(delivery, DeliveryPhase.Outside, Now);
            return false;
        }

        if (order.QuietFor(delivery.Vehicle, now) is { Ticks: > 0 } quiet)
        {
            _lists.KeepQuiet(delivery, quiet, Now);
            return false;
        }

        return true;
    }
}
