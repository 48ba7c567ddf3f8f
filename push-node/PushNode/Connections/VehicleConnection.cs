using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Connections;

/// <summary>One vehicle's upgraded connection: owns what it uses and gives it back. Idle, it holds no buffer, timer, task queue or thread.</summary>
/// <remarks>The order of an end: reading stops, out of the index, <see cref="IVehicleEvents.Left"/>, and then the transport is given back.</remarks>
internal sealed class VehicleConnection(string vid, ConnectionContext transport, VehicleRoom room) : WheelEntry, IVehicleLink
{
    /// <summary>For the first frame.</summary>
    public static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);

    /// <summary>Without the transport taking anything, although something waits.</summary>
    public static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(10);

    /// <summary>For the vehicle's close frame after ours.</summary>
    public static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    /// <summary>The same for a vehicle that was silent already: hardly anybody is there.</summary>
    private static readonly TimeSpan SilentCloseWithin = TimeSpan.FromSeconds(1);

    private readonly Outbox _outbox = new(transport.Transport.Output, room.Time);
    private readonly FrameReader _frames = new();
    private readonly Liveness _liveness = new(room.Options.HeartbeatInterval, room.Options.HeartbeatTimeout);
    private CloseReason? _closing;
    private TimeSpan _abortAt;
    private TimeSpan _helloUntil;
    private bool _arrived;

    // The rest cannot be understood. It is still read, so that our close frame is not lost to a reset of the connection.
    private bool _deaf;
    private bool _held;
    private AckFrame _heldAck;

    public string Vid { get; } = vid;

    public IReadOnlyDictionary<string, string>? Labels { get; private set; }

    public VehiclePosition? Position { get; private set; }

    public object? Deliveries { get; set; }

    public bool IsOpen => Volatile.Read(ref _arrived) && Volatile.Read(ref _closing) is null;

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
        PipeReader input = transport.Transport.Input;
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

        if (_held)
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

    /// <summary>Everything that is complete in what was read. False: nothing more is to be read.</summary>
    private bool TakeIn(in ReadResult read, out SequencePosition consumed, out SequencePosition examined)
    {
        ReadOnlySequence<byte> rest = read.Buffer;
        examined = rest.End;
        if (!rest.IsEmpty)
        {
            _liveness.Heard();
        }

        byte[] scratch = ArrayPool<byte>.Shared.Rent(FrameReader.MaxMessage);
        bool more = true;
        bool complete = true;
        while (more && complete && !_held && !rest.IsEmpty)
        {
            if (_deaf)
            {
                rest = rest.Slice(rest.End);
                break;
            }

            Inbound inbound = _frames.Read(ref rest, scratch);
            complete = inbound.Kind != InboundKind.Incomplete;
            more = Handle(inbound);
        }

        ArrayPool<byte>.Shared.Return(scratch);
        consumed = rest.Start;
        if (_held)
        {
            examined = consumed;
        }

        return more && (!read.IsCompleted || (_held && !rest.IsEmpty));
    }

    private bool Handle(Inbound inbound)
    {
        switch (inbound.Kind)
        {
            case InboundKind.Text:
                Handle(VehicleMessage.Parse(inbound.Payload, room.Time.GetUtcNow()));
                break;
            case InboundKind.Ping:
                TrySend(WireFrame.Pong(inbound.Payload));
                break;
            case InboundKind.Fault:
                _deaf = true;
                Close(inbound.Fault!);
                break;
            case InboundKind.Close:
                if (Interlocked.CompareExchange(ref _closing, CloseReason.VehicleLeft, null) is null)
                {
                    _outbox.Finish(WireFrame.Close(inbound.Code));
                }

                return false;
            default:
                break;
        }

        return true;
    }

    private void Handle(VehicleMessage message)
    {
        room.Metrics.FrameReceived(message.Kind);
        if (Volatile.Read(ref _closing) is { } reason)
        {
            // What was on its way when we said bye: an ack still matters (G1), nothing else does.
            if (message.Kind == MessageKind.Ack && _arrived && !reason.IsViolation)
            {
                Record(message.Ack);
            }

            return;
        }

        if (!_arrived)
        {
            Arrive(message);
            return;
        }

        switch (message.Kind)
        {
            case MessageKind.Ack:
                Record(message.Ack);
                break;
            case MessageKind.Position:
                Position = message.Position;
                room.Events.Moved(this);
                break;
            case MessageKind.Labels:
                Labels = message.Labels;
                room.Events.Relabelled(this);
                break;
            case MessageKind.Ping:
                TrySend(NodeFrames.Pong);
                break;
            case MessageKind.UnknownType:
                TrySend(NodeFrames.UnknownType(message.Type!));
                break;
            case MessageKind.Skipped:
                break;
            default:
                Close(CloseReason.Protocol);
                break;
        }

        TellFaults(message);
    }

    private void Arrive(VehicleMessage message)
    {
        if (message.Hello is not { } hello || hello.Vid != Vid)
        {
            Close(CloseReason.Protocol);
            return;
        }

        Labels = hello.Labels;
        Position = hello.Position;
        TimeSpan firstPing = Random.Shared.NextDouble() * room.Options.HeartbeatInterval;
        _liveness.Start(room.Wheel.Now + firstPing);
        Volatile.Write(ref _arrived, true);
        room.Wheel.Wake(this, firstPing);
        room.Index.Add(this)?.Close(CloseReason.Replaced);
        TellFaults(message);
        room.Events.Arrived(this, hello);
        if (room.Admission.IsDraining)
        {
            // It was let in before the drain began and said hello after the drain had looked at the index.
            Close(CloseReason.Draining, room.Admission.ReconnectAfter());
        }
    }

    private void TellFaults(VehicleMessage message)
    {
        if (message.FaultyMembers is { } members)
        {
            TrySend(NodeFrames.InvalidMember(members));
        }
    }

    private void Record(AckFrame ack)
    {
        if (!room.Events.Acked(this, ack))
        {
            _heldAck = ack;
            Volatile.Write(ref _held, true);
        }
    }

    /// <summary>Back-pressure: what comes after the ack stays in the transport until acks are taken again.</summary>
    private async Task RecordHeldAckAsync()
    {
        do
        {
            await room.Events.AcksAccepted(transport.ConnectionClosed);
        }
        while (!room.Events.Acked(this, _heldAck));

        _heldAck = default;
        Volatile.Write(ref _held, false);
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
    }
}
