using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <content>Whom to claim next, and what became of each claim.</content>
internal sealed partial class Roster
{
    private static readonly TimeSpan NoRoomPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShardPause = TimeSpan.FromMilliseconds(500);

    // Each claim that finds quota brings up two more: all of a shard within a few rounds when much has come, and few in vain when little has.
    private const int FedByAnAnswer = 2;

    private long _nextProbe;
    private int _firstShard;

    /// <summary>Vehicles that could be claimed now.</summary>
    public int Claimable
    {
        get
        {
            lock (_gate)
            {
                return _lists.Claimable(catchUp: false, Now) + _lists.Claimable(catchUp: true, Now);
            }
        }
    }

    /// <summary>Of these, the ones that have a share of the rate only.</summary>
    public int ClaimableToCatchUp
    {
        get
        {
            lock (_gate)
            {
                return _lists.Claimable(catchUp: true, Now);
            }
        }
    }

    /// <summary>
    /// Takes up to <paramref name="most"/> vehicles to be claimed, at most 256 a shard; those that cannot be sent to now are put aside. Those that catch up go first, so that their
    /// share is one, however many others wait.
    /// </summary>
    /// <param name="order">As it stands.</param>
    /// <param name="most">Of all.</param>
    /// <param name="mostCatchUp">Of those that catch up.</param>
    public IReadOnlyList<ClaimBatch> TakeToClaim(ActiveOrder order, int most, int mostCatchUp = 0)
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
                List<LocalDelivery> taken = [];
                if (!_lists.IsPaused(shard, now))
                {
                    int room = Math.Min(most, ShardLanes<LocalDelivery>.BatchSize);
                    TakeOfShard(taken, order, shard, catchUp: true, Math.Min(room, mostCatchUp));
                    mostCatchUp -= taken.Count;
                    TakeOfShard(taken, order, shard, catchUp: false, room);
                }

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
            if (result.Outcome != ClaimOutcome.QuotaExhausted)
            {
                FeedStarved(order, delivery.Vehicle.Shard, FedByAnAnswer);
            }

            if (delivery.Phase != DeliveryPhase.Claiming)
            {
                // It left or answered meanwhile.
                return false;
            }

            DeliveryPhase next = Judge.OnClaim(result.Outcome);
            // Whatever else the answer is, the ledger has a record of it now: one taken along is put in even where the quota is used up.
            delivery.IsTarget = next != DeliveryPhase.NotTarget;
            delivery.TakeAlong = false;
            if (next == DeliveryPhase.InFlight)
            {
                delivery.Attempt = result.Attempt;
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

    /// <summary>It was told of something else not long ago. A claim that was granted is asked for again afterwards, and gets the same attempt.</summary>
    public void LeftAlone(ActiveOrder order, LocalDelivery delivery, TimeSpan wait)
    {
        lock (_gate)
        {
            if (delivery.Phase == DeliveryPhase.Claiming)
            {
                delivery.LeftAloneBy = order.LeavesAloneFor;
                _lists.LeaveAlone(delivery, wait, Now);
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
                MoveTo(first, DeliveryPhase.Ready, order);
            }
        }
    }

    private void TakeOfShard(List<LocalDelivery> taken, ActiveOrder order, int shard, bool catchUp, int room)
    {
        long now = Now;
        while (taken.Count < room && _lists.FirstReady(shard, catchUp) is { } delivery)
        {
            if (!delivery.Vehicle.Link.IsOpen || !delivery.Vehicle.Link.HasRoom)
            {
                _lists.Wait(delivery, NoRoomPause, Now);
            }
            else if (!catchUp && HasToCatchUp(delivery, order))
            {
                // The campaign has given such vehicles a share since this one became ready.
                MoveTo(delivery, DeliveryPhase.Ready, order);
            }
            else if (MayBeTold(delivery, order))
            {
                _lists.Move(delivery, DeliveryPhase.Claiming, now);
                taken.Add(delivery);
            }
        }
    }

    private void FeedStarved(ActiveOrder order, int shard, int most)
    {
        for (int fed = 0; fed < most && _lists.FirstStarved(shard) is { } starved; fed++)
        {
            MoveTo(starved, DeliveryPhase.Ready, order);
        }
    }
}
