namespace PushPlatform.PushNode.Orders;

/// <summary>Where one notice to one connected vehicle stands, as this node knows it.</summary>
internal enum DeliveryPhase
{
    /// <summary>Not looked up in the ledger yet.</summary>
    Unknown,

    /// <summary>To be claimed as soon as a lease allows.</summary>
    Ready,

    /// <summary>A claim is under way.</summary>
    Claiming,

    /// <summary>Sent; the acknowledgement is awaited until the deadline.</summary>
    InFlight,

    /// <summary>To be looked at again at a known time.</summary>
    Waiting,

    /// <summary>Outside the campaign's area; a new position may change that.</summary>
    Outside,

    /// <summary>In its quiet hours; looked at again when they end, and with new labels.</summary>
    Quiet,

    /// <summary>Told of something else not long ago; looked at again at a known time.</summary>
    LeftAlone,

    /// <summary>The quota of its shard is used up; the operator may move more there.</summary>
    Starved,

    /// <summary>Acknowledged; the ledger is being told.</summary>
    Answered,

    /// <summary>Received, and the campaign waits for <c>installed</c>.</summary>
    Installing,

    /// <summary>To be told to forget it as soon as a lease allows.</summary>
    ToCancel,

    /// <summary>Told to forget it; what it says to that is awaited for as long as it takes.</summary>
    CancelTold,

    /// <summary>Nothing to send any more.</summary>
    Final,

    /// <summary>Not of this campaign: nothing is kept.</summary>
    NotTarget,
}

/// <summary>One vehicle in one campaign's roster. Exists while the vehicle is connected and concerned; guarded by the roster's lock.</summary>
internal sealed class LocalDelivery
{
    public LocalDelivery(LocalVehicle vehicle)
    {
        Vehicle = vehicle;
        Place = new LinkedListNode<LocalDelivery>(this);
        LookPlace = new LinkedListNode<LocalDelivery>(this);
    }

    public LocalVehicle Vehicle { get; }

    public DeliveryPhase Phase { get; set; }

    /// <summary>Known to be in the ledger.</summary>
    public bool IsTarget { get; set; }

    /// <summary>Known to have been away at the start.</summary>
    public bool WasAway { get; set; }

    /// <summary>With <see cref="DeliveryPhase.LeftAlone"/>: what the order asked for, which may change meanwhile.</summary>
    public TimeSpan LeftAloneBy { get; set; }

    /// <summary>To be sent to within the share of the rate that such vehicles have.</summary>
    public bool IsCatchUp { get; set; }

    /// <summary>A matching newcomer, to be put in with its first claim.</summary>
    public bool TakeAlong { get; set; }

    /// <summary>Looked at only to be sure: it counts as nothing until the ledger says otherwise.</summary>
    public bool IsRecheck { get; set; }

    /// <summary>The last attempt that was granted and sent on this connection; 0 for none.</summary>
    public int Attempt { get; set; }

    /// <summary>The last attempt's deadline passed while the gate was not open: silence that does not count against the vehicle.</summary>
    public bool Uncounted { get; set; }

    /// <summary>Told on this connection to forget it: once is enough.</summary>
    public bool ToldToForget { get; set; }

    /// <summary>When the phase was last changed, ms on the roster's clock: answers to older questions are void.</summary>
    public long ChangedAt { get; set; }

    /// <summary>When the wheel brings it up, ms on the roster's clock.</summary>
    public long DueAt { get; set; }

    /// <summary>In the one list that its phase names (ready, starved, or a slot of the wheel), so that leaving it costs nothing.</summary>
    public LinkedListNode<LocalDelivery> Place { get; }

    /// <summary>In the list of those to be looked up.</summary>
    public LinkedListNode<LocalDelivery> LookPlace { get; }
}
