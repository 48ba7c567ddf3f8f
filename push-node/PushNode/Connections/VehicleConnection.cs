using System.IO.Pipelines;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.PushNode.Connections;

/// <summary>One vehicle's upgraded connection: owns what it uses and gives it back. Idle, it holds no buffer, timer, task queue or thread.</summary>
/// <remarks>The order of an end: reading stops, out of the index, <see cref="IVehicleEvents.Left"/>, and then the transport is given back.</remarks>
internal sealed partial class VehicleConnection(string vid, string device, string? role, IVehicleTransport transport, VehicleRoom room)
    : WheelEntry, IVehicleLink
{
    /// <summary>For the first frame.</summary>
    public static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);

    /// <summary>Without the transport taking anything, although something waits.</summary>
    public static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(10);

    /// <summary>For the vehicle's close frame after ours.</summary>
    public static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    /// <summary>The same for a vehicle that was silent already: hardly anybody is there.</summary>
    private static readonly TimeSpan SilentCloseWithin = TimeSpan.FromSeconds(1);

    private readonly Outbox _outbox = new(transport, room.Time);
    private readonly FrameReader _frames = new();
    private readonly Liveness _liveness = new(room.Options.HeartbeatInterval, room.Options.HeartbeatTimeout);
    private CloseReason? _closing;
    private TimeSpan _abortAt;
    private TimeSpan _helloUntil;
    private bool _arrived;

    // The rest cannot be understood. It is still read, so that our close frame is not lost to a reset of the connection.
    private bool _deaf;
    private bool _held;
    private TimeSpan _pauseFor;
    private FrameBudget _budget;
    private AckFrame _heldAck;

    public string Vid { get; } = vid;

    public string Unit { get; } = UnitId.Of(room.Options.Sessions, vid, device);

    public string? Role { get; } = role;

    public IReadOnlyDictionary<string, string>? Labels { get; private set; }

    public VehiclePosition? Position { get; private set; }

    public object? Deliveries { get; set; }

    public object? Messages { get; set; }

    public int Place { get; set; }

    public bool IsOpen => Volatile.Read(ref _arrived) && Volatile.Read(ref _closing) is null;

    /// <summary>Reading stops for a while, by us.</summary>
    private bool IsWaiting => _held || _pauseFor > TimeSpan.Zero;

    public bool HasRoom => IsOpen && _outbox.HasRoom;

    public bool TrySend(WireFrame frame)
    {
        SendOutcome outcome = _outbox.TrySend(frame);
        switch (outcome)
        {
            case SendOutcome.Waiting:
                room.Wheel.Wake(this, SlowAfter);
                break;
            case SendOutcome.Full:
                Close(CloseReason.Slow);
                break;
            default:
                break;
        }

        bool taken = outcome is SendOutcome.Sent or SendOutcome.Waiting;
        room.Metrics.FrameSent(taken);
        return taken;
    }

    public void Close(CloseReason reason, TimeSpan? reconnectAfter = null)
    {
        if (Interlocked.CompareExchange(ref _closing, reason, null) is null)
        {
            _outbox.Finish(NodeFrames.Bye(reason, reconnectAfter), WireFrame.Close(reason.Code));
            AbortWithin(reason == CloseReason.Idle ? SilentCloseWithin : CloseWithin);
        }
    }

    /// <summary>Reads until the connection ends, by whichever side.</summary>
    public async Task RunAsync()
    {
        PipeReader input = transport.Input;
        _helloUntil = room.Wheel.Now + HelloWithin;
        room.Wheel.Wake(this, HelloWithin);
        try
        {
            bool more = true;
            while (more)
            {
                ReadResult read = await input.ReadAsync();
                more = TakeIn(read, out SequencePosition consumed, out SequencePosition examined);
                input.AdvanceTo(consumed, examined);
                if (_held)
                {
                    await RecordHeldAckAsync();
                }

                if (more && _pauseFor > TimeSpan.Zero)
                {
                    await PauseAsync();
                }
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The link broke, or was cut by us: the usual end of a vehicle's connection.
        }
        finally
        {
            await EndAsync();
        }
    }

    protected internal override TimeSpan? OnDue()
    {
        TimeSpan now = room.Wheel.Now;
        if (Volatile.Read(ref _closing) is not null)
        {
            if (now < _abortAt)
            {
                return _abortAt - now;
            }

            transport.Abort();
            return null;
        }

        if (!Volatile.Read(ref _arrived))
        {
            return now < _helloUntil ? _helloUntil - now : Ending(CloseReason.Idle);
        }

        TimeSpan stuck = _outbox.StuckFor;
        if (stuck >= SlowAfter)
        {
            return Ending(CloseReason.Slow);
        }

        if (IsWaiting)
        {
            // It is we who do not read: its silence says nothing.
            _liveness.Heard();
        }

        switch (_liveness.Judge(now, out TimeSpan wait))
        {
            case LivenessVerdict.Dead:
                return Ending(CloseReason.Idle);
            case LivenessVerdict.Ping:
                TrySend(WireFrame.Ping);
                break;
            default:
                break;
        }

        TimeSpan untilSlow = SlowAfter - stuck;
        return stuck > TimeSpan.Zero && untilSlow < wait ? untilSlow : wait;
    }

    private TimeSpan? Ending(CloseReason reason)
    {
        Close(reason);
        return null;
    }

    private void AbortWithin(TimeSpan grace)
    {
        _abortAt = room.Wheel.Now + grace;
        room.Wheel.Wake(this, grace);
    }

    private async Task EndAsync()
    {
        CloseReason reason = Interlocked.CompareExchange(ref _closing, CloseReason.LinkLost, null) ?? CloseReason.LinkLost;
        _frames.Release();
        if (_arrived)
        {
            room.Index.Remove(this);
            room.Events.Left(this);
        }

        room.Metrics.ConnectionEnded(reason);

        // What is still to be sent has as long as a close has; then the transport is cut, also where it waits for the socket.
        AbortWithin(CloseWithin);
        await _outbox.CompleteAsync();
        room.Wheel.Remove(this);
    }
}
