using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A connection that keeps what it is sent.</summary>
internal sealed class FakeLink(string unit) : IVehicleLink
{
    public string Vid { get; } = UnitId.VidOf(unit).ToString();

    public string Unit { get; } = unit;

    public string? Role { get; set; }

    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    public VehiclePosition? Position { get; set; }

    public bool IsOpen { get; set; } = true;

    public bool HasRoom { get; set; } = true;

    public object? Deliveries { get; set; }

    public object? Messages { get; set; }

    public int Place { get; set; }

    public List<WireFrame> Sent { get; } = [];

    public CloseReason? Closed { get; private set; }

    /// <summary>Called with each frame, before it counts as sent.</summary>
    public Action? Sending { get; set; }

    public bool TrySend(WireFrame frame)
    {
        Sending?.Invoke();
        if (IsOpen)
        {
            Sent.Add(frame);
        }

        return IsOpen;
    }

    public void Close(CloseReason reason, TimeSpan? reconnectAfter = null)
    {
        Closed ??= reason;
        IsOpen = false;
    }

    /// <summary>A vehicle that has arrived and been welcomed.</summary>
    public LocalVehicle Arrive(long session = 10, long firstSeenAt = 1, IReadOnlyDictionary<string, string>? recordedLabels = null)
    {
        LocalVehicle vehicle = new(this, new HelloFrame(Vid, UnitId.DefaultDevice, Labels, Position, []), 1);
        Deliveries = vehicle;
        vehicle.Registered(new Arrived(Unit, session, firstSeenAt, recordedLabels ?? new Dictionary<string, string>(), null, null));
        vehicle.ShowToOrders();
        return vehicle;
    }
}
