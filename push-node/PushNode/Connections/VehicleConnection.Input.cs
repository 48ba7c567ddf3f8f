using System.Buffers;
using System.IO.Pipelines;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Connections;

/// <content>What comes from the vehicle, and what each of it does. On the connection's own read loop.</content>
internal sealed partial class VehicleConnection
{
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
        while (more && complete && !IsWaiting && !rest.IsEmpty)
        {
            if (_deaf)
            {
                rest = rest.Slice(rest.End);
                break;
            }

            Inbound inbound = _frames.Read(ref rest, scratch);
            complete = inbound.Kind != InboundKind.Incomplete;
            _pauseFor = complete ? _budget.Spend(room.Wheel.Now) : TimeSpan.Zero;
            more = Handle(inbound);
        }

        ArrayPool<byte>.Shared.Return(scratch);
        consumed = rest.Start;
        if (IsWaiting)
        {
            examined = consumed;
        }

        return more && (!read.IsCompleted || (IsWaiting && !rest.IsEmpty));
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
                Labels = VehicleRole.Put(Role, message.Labels);
                room.Events.Relabelled(this);
                break;
            case MessageKind.Ping:
                TrySend(NodeFrames.Pong);
                break;
            case MessageKind.Message:
                room.Messages.Said(this, message.Message!);
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
        if (message.Hello is not { } hello || hello.Vid != Vid || hello.Device != device)
        {
            Close(CloseReason.Protocol);
            return;
        }

        Labels = VehicleRole.Put(Role, hello.Labels);
        Position = hello.Position;
        TimeSpan firstPing = Random.Shared.NextDouble() * room.Options.HeartbeatInterval;
        _liveness.Start(room.Wheel.Now + firstPing);
        Volatile.Write(ref _arrived, true);
        room.Wheel.Wake(this, firstPing);
        foreach (IVehicleLink replaced in room.Index.Add(this))
        {
            replaced.Close(CloseReason.Replaced);
        }

        TellFaults(message);
        room.Events.Arrived(this, hello);
        if (room.Admission.IsDraining)
        {
            // It was let in before the drain began and said hello after the drain had looked at the index.
            Close(CloseReason.Draining, Admission.ReconnectAfter());
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

    /// <summary>Back-pressure on a vehicle that sends faster than anybody needs: what it has sent stays in the transport for a while.</summary>
    private async Task PauseAsync()
    {
        room.Metrics.ReadPaused();
        ReadPause pause = new();
        room.Wheel.Wake(pause, _pauseFor);
        await pause.Over.WaitAsync(transport.Closed);
        _pauseFor = TimeSpan.Zero;
    }

    /// <summary>Back-pressure: what comes after the ack stays in the transport until acks are taken again.</summary>
    private async Task RecordHeldAckAsync()
    {
        do
        {
            await room.Events.AcksAccepted(this, transport.Closed);
        }
        while (!room.Events.Acked(this, _heldAck));

        _heldAck = default;
        Volatile.Write(ref _held, false);
    }
}
