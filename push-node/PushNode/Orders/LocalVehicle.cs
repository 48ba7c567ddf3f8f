using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>What the orders' side keeps of one connection: all that an idle vehicle costs here.</summary>
/// <param name="number">Counts this node's connections: names the connection towards the vehicle, which may be welcomed before Redis gives a session.</param>
internal sealed class LocalVehicle(IVehicleLink link, HelloFrame hello, long number)
{
    private IReadOnlyDictionary<string, string>? _recordedLabels;
    private VehiclePosition? _recordedPosition;
    private HelloFrame? _hello = hello;
    private long _session;
    private volatile bool _gone;
    private volatile bool _welcomed;
    private int _updateQueued;

    public IVehicleLink Link { get; } = link;

    /// <summary>What it is called in the registry and in every ledger.</summary>
    public string Unit => Link.Unit;

    public byte Shard { get; } = (byte)Shards.Of(link.Unit);

    public long Number { get; } = number;

    /// <summary>The registry's session; 0 until it is known.</summary>
    public long Session => Volatile.Read(ref _session);

    /// <summary>Redis time in µs of its first arrival ever; valid once <see cref="Session"/> is known.</summary>
    public long FirstSeenAt { get; private set; }

    /// <summary>Told on this connection, else as on record.</summary>
    public IReadOnlyDictionary<string, string> Labels => Link.Labels ?? _recordedLabels ?? EmptyLabels;

    /// <summary>What the registry is to have: null leaves what it has.</summary>
    public IReadOnlyDictionary<string, string>? LabelsToRecord => Link.Labels ?? (RoleChanged ? _recordedLabels : null);

    /// <summary>The vehicle said nothing of its labels, and those on record are of another role.</summary>
    public bool RoleChanged { get; private set; }

    /// <summary>Told on this connection, else as on record.</summary>
    public VehiclePosition? Position => Link.Position ?? _recordedPosition;

    /// <summary>The connection has ended.</summary>
    public bool Gone => _gone;

    /// <summary>Told how many pushes are pending: from here on any order may find it and send to it.</summary>
    public bool Welcomed => _welcomed;

    /// <summary>A first welcome, without a count, has gone out.</summary>
    public bool WelcomedProvisionally { get; set; }

    /// <summary>A report did not reach the registry: the next confirmation makes up for it.</summary>
    public bool UpdateOwed { get; set; }

    private static IReadOnlyDictionary<string, string> EmptyLabels { get; } = new Dictionary<string, string>();

    public static LocalVehicle? Of(IVehicleLink link) => link.Deliveries as LocalVehicle;

    /// <summary>What it said first; null once it has been welcomed.</summary>
    public HelloFrame? Hello => _hello;

    public void Registered(Arrived arrived)
    {
        FirstSeenAt = arrived.FirstSeenAt;
        // Only what the vehicle did not say itself is kept: a map of labels per vehicle is most of what an idle one would cost.
        _recordedLabels = Link.Labels is null ? VehicleRole.Put(Link.Role, arrived.Labels) : null;
        RoleChanged = Link.Labels is null && !ReferenceEquals(_recordedLabels, arrived.Labels);
        _recordedPosition = Link.Position is null ? arrived.Position : null;
        Interlocked.Exchange(ref _session, arrived.Session);
    }

    /// <summary>The registry gave this connection another session.</summary>
    public void Renewed(long session) => Interlocked.Exchange(ref _session, session);

    /// <summary>Makes it visible to orders. The fence pairs with that of <see cref="Campaigns"/>: either the order's sweep sees this vehicle, or this vehicle's look sees the order.</summary>
    public void ShowToOrders()
    {
        _hello = null;
        _welcomed = true;
        Interlocked.MemoryBarrier();
    }

    public void Leave()
    {
        _gone = true;
        Interlocked.MemoryBarrier();
    }

    /// <summary>True for the one caller that is to queue an update of the registry.</summary>
    public bool TryQueueUpdate() => Interlocked.Exchange(ref _updateQueued, 1) == 0;

    /// <summary>Before the values are read, so that a later change queues again.</summary>
    public void UpdateTaken() => Interlocked.Exchange(ref _updateQueued, 0);
}
