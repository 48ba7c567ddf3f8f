using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>The connected vehicles that one campaign concerns, and what is next for each. No I/O: the runner asks, the roster keeps.</summary>
/// <remarks>Each vehicle is in at most one place of each kind, so every list is bounded by the connections. Calls take a short lock.</remarks>
internal sealed class Roster(TimeProvider clock, RedisClock redisClock)
{
    private static readonly TimeSpan NoRoomPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShardPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly Dictionary<LocalVehicle, LocalDelivery> _deliveries = [];
    private readonly RosterLists _lists = new();
    private long _nextProbe;
    private int _firstShard;

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
            delivery.TakeAlong = takeable;
            delivery.IsRecheck = false;
            DeliveryPhase next = Judge.OnLook(delivery.Phase, standing, takeable);
            if (next != delivery.Phase || next == DeliveryPhase.Ready)
            {
                MoveTo(delivery, next, order);
            }
        }
    }

    /// <summary>Vehicles that could be claimed now.</summary>
    public int Claimable
    {
        get
        {
            lock (_gate)
            {
                return _lists.Claimable(Now);
            }
        }
    }

    /// <summary>Takes up to <paramref name="most"/> vehicles to be claimed, at most 256 a shard; those that cannot be sent to now are put aside.</summary>
    public IReadOnlyList<ClaimBatch> TakeToClaim(ActiveOrder order, int most)
    {
        lock (_gate)
        {
            long now = Now;
            List<ClaimBatch> batches = [];
            // Another shard goes first each time: under a small lease none is served last for ever.
            _firstShard = (_firstShard + 1) % Shards.Count;
            for (int i = 0; i < Shards.Count && most > 0; i++)
            {
                int shard = (_firstShard + i) % Shards.Count;
                List<LocalDelivery> taken = _lists.IsPaused(shard, now) ? [] : TakeOfShard(order, shard, Math.Min(most, ShardLanes<LocalDelivery>.BatchSize));
                if (taken.Count > 0)
                {
                    batches.Add(new ClaimBatch(shard, taken));
                    most -= taken.Count;
                }
            }

            return batches;
        }
    }

    /// <summary>Notes a claim's answer. True: it is in flight from now on and its notice is to be sent.</summary>
    public bool Claimed(ActiveOrder order, LocalDelivery delivery, ClaimResult result)
    {
        lock (_gate)
        {
            bool wasProbe = delivery.IsProbe;
            delivery.IsProbe = false;
            if (wasProbe && result.Outcome != ClaimOutcome.QuotaExhausted)
            {
                FeedStarved(order, delivery.Vehicle.Shard);
            }

            if (delivery.Phase != DeliveryPhase.Claiming)
            {
                // It left or answered meanwhile.
                return false;
            }

            DeliveryPhase next = Judge.OnClaim(result.Outcome);
            delivery.IsTarget = next != DeliveryPhase.NotTarget && (delivery.IsTarget || next != DeliveryPhase.Starved);
            if (next == DeliveryPhase.InFlight)
            {
                delivery.Attempt = result.Attempt;
                delivery.TakeAlong = false;
                delivery.Uncounted = false;
                _lists.AwaitAck(delivery, TimeSpan.FromSeconds(order.ClaimRules.AckTimeoutSeconds), Now);
                return true;
            }

            if (next == DeliveryPhase.Waiting)
            {
                _lists.Wait(delivery, result.RetryAfter, Now);
            }
            else
            {
                MoveTo(delivery, next, order);
            }

            return false;
        }
    }

    /// <summary>Its frame was not taken: the connection is ending.</summary>
    public void NotSent(LocalDelivery delivery)
    {
        lock (_gate)
        {
            if (delivery.Phase == DeliveryPhase.InFlight)
            {
                _lists.Wait(delivery, NoRoomPause, Now);
            }
        }
    }

    /// <summary>The claim was not used (the lease had run out): claimed again at once, it gets the same attempt.</summary>
    public void Unused(ActiveOrder order, LocalDelivery delivery)
    {
        lock (_gate)
        {
            if (delivery.Phase == DeliveryPhase.Claiming)
            {
                delivery.IsTarget = true;
                MoveTo(delivery, DeliveryPhase.Ready, order);
            }
        }
    }

    /// <summary>Nobody knows what became of the claim: asked again after a short pause of the shard.</summary>
    public void Unanswered(ActiveOrder order, ClaimBatch batch)
    {
        lock (_gate)
        {
            _lists.Pause(batch.Shard, Now + (long)ShardPause.TotalMilliseconds);
            foreach (LocalDelivery delivery in batch.Deliveries.Where(delivery => delivery.Phase == DeliveryPhase.Claiming))
            {
                MoveTo(delivery, DeliveryPhase.Ready, order);
            }
        }
    }

    /// <summary>The vehicle acknowledged: nothing is sent to it while the ledger is being told.</summary>
    public void Answered(LocalVehicle vehicle)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery) && delivery.Phase is not (DeliveryPhase.Final or DeliveryPhase.NotTarget))
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
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery) && delivery.Phase == DeliveryPhase.Answered)
            {
                _lists.Move(delivery, Judge.OnSettled(status, order.Order.Delivery.AckLevel), Now);
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
                if (delivery.Phase == DeliveryPhase.Outside)
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

    /// <summary>Brings up what is due: time-outs and waits to be claimed again, and one of the starved of each shard each second.</summary>
    public void Turn(ActiveOrder order)
    {
        lock (_gate)
        {
            long now = Now;
            foreach (LocalDelivery delivery in _lists.TakeDue(now))
            {
                delivery.Uncounted |= delivery.Phase == DeliveryPhase.InFlight && order.Order.Gate != Gate.Open;
                MoveTo(delivery, DeliveryPhase.Ready, order);
            }

            if (now < _nextProbe)
            {
                return;
            }

            _nextProbe = now + (long)ProbeEvery.TotalMilliseconds;
            foreach (LocalDelivery first in Enumerable.Range(0, Shards.Count).Select(_lists.FirstStarved).OfType<LocalDelivery>())
            {
                first.IsProbe = true;
                MoveTo(first, DeliveryPhase.Ready, order);
            }
        }
    }

    /// <summary>Local vehicles that are targets or may still turn out to be, and those of them that have not settled.</summary>
    public (int Online, int Open) Count()
    {
        lock (_gate)
        {
            int online = 0;
            int open = 0;
            foreach (LocalDelivery delivery in _deliveries.Values.Where(Counts))
            {
                online++;
                open += delivery.Phase == DeliveryPhase.Final ? 0 : 1;
            }

            return (online, open);
        }
    }

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

    private List<LocalDelivery> TakeOfShard(ActiveOrder order, int shard, int most)
    {
        List<LocalDelivery> taken = [];
        long now = Now;
        while (taken.Count < most && _lists.FirstReady(shard) is { } delivery)
        {
            if (!delivery.Vehicle.Link.IsOpen || !delivery.Vehicle.Link.HasRoom)
            {
                _lists.Wait(delivery, NoRoomPause, Now);
            }
            else if (!order.IsInArea(delivery.Vehicle, redisClock.Now))
            {
                _lists.Move(delivery, DeliveryPhase.Outside, now);
            }
            else
            {
                _lists.Move(delivery, DeliveryPhase.Claiming, now);
                taken.Add(delivery);
            }
        }

        return taken;
    }

    private void FeedStarved(ActiveOrder order, int shard)
    {
        while (_lists.FirstStarved(shard) is { } starved)
        {
            MoveTo(starved, DeliveryPhase.Ready, order);
        }
    }

    private void MoveTo(LocalDelivery delivery, DeliveryPhase phase, ActiveOrder order)
    {
        bool waitsOutside = phase == DeliveryPhase.Ready && !order.IsInArea(delivery.Vehicle, redisClock.Now);
        _lists.Move(delivery, waitsOutside ? DeliveryPhase.Outside : phase, Now);
        if (phase == DeliveryPhase.NotTarget)
        {
            _deliveries.Remove(delivery.Vehicle);
        }
    }
}
