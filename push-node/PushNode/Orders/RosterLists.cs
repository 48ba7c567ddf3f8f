using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>Where the deliveries of one roster wait: to be looked up, to be claimed, for quota, or for a time to come. Not thread-safe.</summary>
/// <remarks>A delivery is in the one place that its phase names, and moving it costs the same however many there are.</remarks>
internal sealed class RosterLists
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(DeadlineWheel.TickMs);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly LinkedList<LocalDelivery>[] _toLook = OneForEachShard();
    private readonly LinkedList<LocalDelivery>[] _ready = OneForEachShard();
    private readonly LinkedList<LocalDelivery>[] _readyToCatchUp = OneForEachShard();
    private readonly LinkedList<LocalDelivery>[] _starved = OneForEachShard();
    private readonly LinkedList<LocalDelivery> _toCancel = [];
    private readonly long[] _pausedUntil = new long[Shards.Count];
    private readonly DeadlineWheel _wheel = new();

    /// <summary>Those that may be claimed now.</summary>
    /// <param name="catchUp">Those that are to catch up, or all others.</param>
    /// <param name="now">The clock that pauses go by.</param>
    public int Claimable(bool catchUp, long now) => Enumerable.Range(0, Shards.Count).Where(shard => !IsPaused(shard, now)).Sum(shard => Ready(shard, catchUp).Count);

    /// <summary>Nothing of the shard is claimed until then.</summary>
    public void Pause(int shard, long until) => _pausedUntil[shard] = until;

    public bool IsPaused(int shard, long now) => _pausedUntil[shard] > now;

    /// <summary>The one that has been ready longest, which stays where it is; null when there is none.</summary>
    public LocalDelivery? FirstReady(int shard, bool catchUp) => Ready(shard, catchUp).First?.Value;

    public LocalDelivery? FirstStarved(int shard) => _starved[shard].First?.Value;

    /// <summary>Those that are to be told to forget it, the one that has waited longest first.</summary>
    public IReadOnlyCollection<LocalDelivery> ToCancel => _toCancel;

    /// <summary>Takes out and returns those whose time has come.</summary>
    public IReadOnlyList<LocalDelivery> TakeDue(long now) => _wheel.Turn(now);

    public void QueueLook(LocalDelivery delivery)
    {
        if (delivery.LookPlace.List is null)
        {
            _toLook[delivery.Vehicle.Shard].AddLast(delivery.LookPlace);
        }
    }

    /// <summary>Takes vehicles of one shard that wait to be looked up; empty when none does.</summary>
    public IReadOnlyList<LocalVehicle> TakeToLook(int most)
    {
        LinkedList<LocalDelivery>? list = Array.Find(_toLook, lane => lane.Count > 0);
        List<LocalVehicle> batch = [];
        while (batch.Count < most && list?.First is { } first)
        {
            list.RemoveFirst();
            batch.Add(first.Value.Vehicle);
        }

        return batch;
    }

    /// <summary>Into the place of a phase that has no time of its own.</summary>
    public void Move(LocalDelivery delivery, DeliveryPhase phase, long now)
    {
        LinkedList<LocalDelivery>? list = phase switch
        {
            DeliveryPhase.Ready => Ready(delivery.Vehicle.Shard, delivery.IsCatchUp),
            DeliveryPhase.Starved => _starved[delivery.Vehicle.Shard],
            DeliveryPhase.ToCancel => _toCancel,
            _ => null,
        };
        Place(delivery, phase, list, now);
        if (phase == DeliveryPhase.NotTarget)
        {
            delivery.LookPlace.List?.Remove(delivery.LookPlace);
        }
    }

    /// <summary>In flight until the deadline.</summary>
    public void AwaitAck(LocalDelivery delivery, TimeSpan timeout, long now) => PutOnWheel(delivery, DeliveryPhase.InFlight, timeout, now);

    /// <summary>To come up again after a while, which is kept within bounds.</summary>
    public void Wait(LocalDelivery delivery, TimeSpan wait, long now) =>
        PutOnWheel(delivery, DeliveryPhase.Waiting, TimeSpan.FromTicks(Math.Clamp(wait.Ticks, ShortestWait.Ticks, LongestWait.Ticks)), now);

    /// <summary>Not before its quiet hours end; looked at within a minute all the same, for its clock may be set.</summary>
    public void KeepQuiet(LocalDelivery delivery, TimeSpan wait, long now) =>
        PutOnWheel(delivery, DeliveryPhase.Quiet, TimeSpan.FromTicks(Math.Clamp(wait.Ticks, ShortestWait.Ticks, LongestWait.Ticks)), now);

    /// <summary>However long: looking again sooner would find the same.</summary>
    public void LeaveAlone(LocalDelivery delivery, TimeSpan wait, long now) =>
        PutOnWheel(delivery, DeliveryPhase.LeftAlone, TimeSpan.FromTicks(Math.Max(wait.Ticks, ShortestWait.Ticks)), now);

    private LinkedList<LocalDelivery> Ready(int shard, bool catchUp) => (catchUp ? _readyToCatchUp : _ready)[shard];

    private static LinkedList<LocalDelivery>[] OneForEachShard() => [.. Enumerable.Range(0, Shards.Count).Select(_ => new LinkedList<LocalDelivery>())];

    private static void Place(LocalDelivery delivery, DeliveryPhase phase, LinkedList<LocalDelivery>? list, long now)
    {
        delivery.Place.List?.Remove(delivery.Place);
        list?.AddLast(delivery.Place);
        delivery.Phase = phase;
        delivery.ChangedAt = now;
    }

    private void PutOnWheel(LocalDelivery delivery, DeliveryPhase phase, TimeSpan wait, long now)
    {
        delivery.DueAt = now + (long)wait.TotalMilliseconds;
        Place(delivery, phase, _wheel.SlotFor(delivery.DueAt), now);
    }
}
