using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>A vehicle's whole life, over all its connections.</summary>
/// <param name="device">Which of its devices this is, in a pool that keeps them apart.</param>
internal sealed class Car(string vid, string? device = null)
{
    private readonly ConcurrentBag<long> _pushes = [];
    private int _cancels;

    public string Vid { get; } = vid;

    public string Unit { get; } = device is null ? vid : UnitId.Of(SessionMode.PerDevice, vid, device);

    public Dictionary<string, string> Labels { get; } = new() { ["model"] = "x7" };

    public bool SaysItsLabels { get; set; } = true;

    public string? Role { get; set; }

    public VehiclePosition? Position { get; set; }

    public List<string> Seen { get; } = [];

    /// <summary>What it answers to a push; null: nothing.</summary>
    public AckStatus? Answer { get; set; } = AckStatus.Received;

    /// <summary>What it answers when it is told to forget a delivery; null: nothing.</summary>
    public AckStatus? AnswerToCancel { get; set; } = AckStatus.Cancelled;

    /// <summary>How often it was told to forget a delivery.</summary>
    public int Cancels => Volatile.Read(ref _cancels);

    /// <summary>Why, where that did not go well.</summary>
    public string? Code { get; set; }

    /// <summary>Of its latest connection.</summary>
    public CarLink Link { get; private set; } = null!;

    /// <summary>Notices that arrived, repeats included.</summary>
    public int Pushes => _pushes.Count;

    /// <summary>When they did, as timestamps of the system's clock.</summary>
    public IEnumerable<long> PushedAt => _pushes;

    /// <summary>Connects and says hello.</summary>
    public CarLink ConnectTo(OrdersNode node)
    {
        Link = new CarLink(this, node);
        foreach (IVehicleLink replaced in node.Index.Add(Link))
        {
            replaced.Close(CloseReason.Replaced);
        }

        node.Events.Arrived(Link, new HelloFrame(Vid, device ?? UnitId.DefaultDevice, Labels, Position, [.. Seen]));
        return Link;
    }

    public void Forget(CarLink link, string delivery)
    {
        Interlocked.Increment(ref _cancels);
        if (AnswerToCancel is { } status)
        {
            ThreadPool.QueueUserWorkItem(_ => link.Acknowledge(delivery, status));
        }
    }

    public void Take(CarLink link, string delivery)
    {
        _pushes.Add(TimeProvider.System.GetTimestamp());
        if (Answer is { } status)
        {
            // As the node's read loop does it: later, and on another thread than the sender's.
            ThreadPool.QueueUserWorkItem(_ => link.Acknowledge(delivery, status, Code));
        }
    }
}

/// <summary>One connection of a car, without a socket.</summary>
internal sealed class CarLink(Car car, OrdersNode node) : IVehicleLink
{
    private readonly ConcurrentQueue<string> _frames = new();
    private volatile bool _open = true;
    private int _left;

    public string Vid => car.Vid;

    public string Unit => car.Unit;

    public string? Role => car.Role;

    public IReadOnlyDictionary<string, string>? Labels => car.SaysItsLabels ? VehicleRole.Put(Role, car.Labels) : null;

    public VehiclePosition? Position => car.Position;

    public bool IsOpen => _open;

    public bool HasRoom => true;

    /// <summary>While true, what is sent on it is lost on the way, and its node does not notice.</summary>
    public bool HalfOpen { get; set; }

    public object? Deliveries { get; set; }

    public object? Messages { get; set; }

    public int Place { get; set; }

    public CloseReason? ClosedBy { get; private set; }

    public IReadOnlyList<string> Frames => [.. _frames];

    public IEnumerable<string> Welcomes => _frames.Where(frame => frame.Contains("\"welcome\"", StringComparison.Ordinal));

    public bool IsWelcome => Welcomes.Any(frame => frame.Contains("\"pending\"", StringComparison.Ordinal));

    public bool TrySend(WireFrame frame)
    {
        if (!_open)
        {
            return false;
        }

        if (HalfOpen)
        {
            return true;
        }

        string text = OrdersNode.Payload(frame);
        _frames.Enqueue(text);
        if (OrdersNode.DeliveryOf(text) is { } delivery)
        {
            car.Take(this, delivery);
        }
        else if (OrdersNode.DeliveryOf(text, "cancel") is { } cancelled)
        {
            car.Forget(this, cancelled);
        }

        return true;
    }

    public void Close(CloseReason reason, TimeSpan? reconnectAfter = null)
    {
        ClosedBy ??= reason;
        Leave();
    }

    /// <summary>The vehicle goes, or its link breaks and the node has noticed.</summary>
    public void Leave()
    {
        _open = false;
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            node.Index.Remove(this);
            node.Events.Left(this);
        }
    }

    /// <summary>The node is gone without a word: nothing is told to anybody.</summary>
    public void Break() => _open = false;

    public void Acknowledge(string delivery, AckStatus status, string? code = null)
    {
        if (_open)
        {
            node.Events.Acked(this, new AckFrame(delivery, status, code, null));
        }
    }
}
