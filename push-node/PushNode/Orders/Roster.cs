using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>The connected vehicles that one campaign concerns, and what is next for each. No I/O: the runner asks, the roster keeps.</summary>
/// <remarks>Each vehicle is in at most one place of each kind, so every list is bounded by the connections. Calls take a short lock.</remarks>
internal sealed class Roster(TimeProvider clock, RedisClock redisClock)
{
    private static readonly TimeSpan NoRoomPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(DeadlineWheel.TickMs);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShardPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly Dictionary<LocalVehicle, LocalDelivery> _deliveries = [];
    private readonly LinkedList<LocalDelivery>[] _toLook = Lists();
    private readonly LinkedList<LocalDelivery>[] _ready = Lists();
    private readonly LinkedList<LocalDelivery>[] _starved = Lists();
    private readonly long[] _pausedUntil = new long[Shards.Count];
    private readonly DeadlineWheel _wheel = new();
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
            if (delivery.LookPlace.List is null)
            {
                _toLook[vehicle.Shard].AddLast(delivery.LookPlace);
            }
        }
    }

    /// <summary>Takes up to 256 vehicles of one shard to look up; empty when there are none.</summary>
    public IReadOnlyList<LocalVehicle> TakeToLook()
    {
        lock (_gate)
        {
            LinkedList<LocalDelivery>? list = _toLook.FirstOrDefault(lane => lane.Count > 0);
            List<LocalVehicle> batch = [];
            while (batch.Count < ShardLanes<LocalDelivery>.BatchSize && list?.First is { } first)
            {
                list.RemoveFirst();
                batch.Add(first.Value.Vehicle);
            }

            return batch;
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
                long now = Now;
                return Enumerable.Range(0, Shards.Count).Where(shard => _pausedUntil[shard] <= now).Sum(shard => _ready[shard].Count);
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
                if (_pausedUntil[shard] > now)
                {
                    continue;
                }

                List<LocalDelivery> taken = TakeOfShard(order, shard, Math.Min(most, ShardLanes<LocalDelivery>.BatchSize));
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
                PutOnWheel(delivery, next, TimeSpan.FromSeconds(order.ClaimRules.AckTimeoutSeconds));
                return true;
            }

            if (next == DeliveryPhase.Waiting)
            {
                PutOnWheel(delivery, next, result.RetryAfter);
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
                PutOnWheel(delivery, DeliveryPhase.Waiting, NoRoomPause);
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
            _pausedUntil[batch.Shard] = Now + (long)ShardPause.TotalMilliseconds;
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
                Move(delivery, DeliveryPhase.Answered, list: null);
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
                Move(delivery, Judge.OnSettled(status, order.Order.Delivery.AckLevel), list: null);
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
    public void Left(LocalVehicle vehicle)
    {
        lock (_gate)
        {
            if (_deliveries.TryGetValue(vehicle, out LocalDelivery? delivery))
            {
                Forget(delivery);
            }
        }
    }

    /// <summary>Brings up what is due: time-outs and waits to be claimed again, and one of the starved of each shard each second.</summary>
    public void Turn(ActiveOrder order)
    {
        lock (_gate)
        {
            long now = Now;
            foreach (LocalDelivery delivery in _wheel.Turn(now))
            {
                delivery.Uncounted |= delivery.Phase == DeliveryPhase.InFlight && order.Order.Gate != Gate.Open;
                MoveTo(delivery, DeliveryPhase.Ready, order);
            }

            if (now < _nextProbe)
            {
                return;
            }

            _nextProbe = now + (long)ProbeEvery.TotalMilliseconds;
            foreach (LinkedListNode<LocalDelivery> first in _starved.Select(list => list.First).OfType<LinkedListNode<LocalDelivery>>())
            {
                first.Value.IsProbe = true;
                MoveTo(first.Value, DeliveryPhase.Ready, order);
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

    private static LinkedList<LocalDelivery>[] Lists() => [.. Enumerable.Range(0, Shards.Count).Select(_ => new LinkedList<LocalDelivery>())];

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
        while (taken.Count < most && _ready[shard].First is { } first)
        {
            LocalDelivery delivery = first.Value;
            if (!delivery.Vehicle.Link.IsOpen || !delivery.Vehicle.Link.HasRoom)
            {
                PutOnWheel(delivery, DeliveryPhase.Waiting, NoRoomPause);
            }
            else if (!order.IsInArea(delivery.Vehicle, redisClock.Now))
            {
                Move(delivery, DeliveryPhase.Outside, list: null);
            }
            else
            {
                Move(delivery, DeliveryPhase.Claiming, list: null);
                taken.Add(delivery);
            }
        }

        return taken;
    }

    private void FeedStarved(ActiveOrder order, int shard)
    {
        while (_starved[shard].First is { } first)
        {
            MoveTo(first.Value, DeliveryPhase.Ready, order);
        }
    }

    private void PutOnWheel(LocalDelivery delivery, DeliveryPhase phase, TimeSpan wait)
    {
        TimeSpan bounded = phase == DeliveryPhase.InFlight ? wait : TimeSpan.FromTicks(Math.Clamp(wait.Ticks, ShortestWait.Ticks, LongestWait.Ticks));
        delivery.DueAt = Now + (long)bounded.TotalMilliseconds;
        Move(delivery, phase, _wheel.SlotFor(delivery.DueAt));
    }

    private void MoveTo(LocalDelivery delivery, DeliveryPhase phase, ActiveOrder order)
    {
        int shard = delivery.Vehicle.Shard;
        switch (phase)
        {
            case DeliveryPhase.NotTarget:
                Forget(delivery);
                break;
            case DeliveryPhase.Ready when !order.IsInArea(delivery.Vehicle, redisClock.Now):
                Move(delivery, DeliveryPhase.Outside, list: null);
                break;
            case DeliveryPhase.Ready:
                Move(delivery, phase, _ready[shard]);
                break;
            case DeliveryPhase.Starved:
                Move(delivery, phase, _starved[shard]);
                break;
            default:
                Move(delivery, phase, list: null);
                break;
        }
    }

    private void Forget(LocalDelivery delivery)
    {
        Move(delivery, DeliveryPhase.NotTarget, list: null);
        delivery.LookPlace.List?.Remove(delivery.LookPlace);
        _deliveries.Remove(delivery.Vehicle);
    }

    private void Move(LocalDelivery delivery, DeliveryPhase phase, LinkedList<LocalDelivery>? list)
    {
        delivery.Place.List?.Remove(delivery.Place);
        list?.AddLast(delivery.Place);
        delivery.Phase = phase;
        delivery.ChangedAt = Now;
    }
}

/// <summary>Vehicles of one shard that are being claimed together.</summary>
internal sealed record ClaimBatch(int Shard, IReadOnlyList<LocalDelivery> Deliveries)
{
    public IReadOnlyList<ClaimRequest> Requests { get; } =
        [
        .. Deliveries.Select(delivery => new ClaimRequest(
            delivery.Vehicle.Vid, delivery.Vehicle.Session, delivery.Attempt, delivery.TakeAlong, delivery.Uncounted)),
    ];
}
