using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.PushNode.Connections;

internal enum SendOutcome
{
    /// <summary>The transport has taken it.</summary>
    Sent,

    /// <summary>It waits, in order, for the transport.</summary>
    Waiting,

    /// <summary>Too much is waiting; the frame was not taken. The connection is to be cut: no frame is ever skipped.</summary>
    Full,

    /// <summary>The connection ends or has ended.</summary>
    Closed,
}

/// <summary>What waits to be sent to one vehicle: at most 8 frames and 64 KiB. Nobody who sends ever waits.</summary>
/// <remarks>Idle, it holds nothing. A frame counts as waiting until the transport has taken all of it.</remarks>
internal sealed class Outbox(IVehicleTransport transport, TimeProvider time)
{
    public const int MaxFrames = 8;
    public const int MaxBytes = 64 * 1024;

    /// <summary>The largest push: a patch of 32 KiB and what goes around it.</summary>
    private const int LargestPush = 36 * 1024;

    private readonly Lock _gate = new();
    private Queue<WireFrame>? _waiting;
    private Task _sending = Task.CompletedTask;
    private bool _busy;
    private bool _finished;
    private int _frames;
    private int _bytes;
    private long _busySince;

    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return !_finished && _frames < MaxFrames && (!_busy || _bytes + LargestPush <= MaxBytes);
            }
        }
    }

    /// <summary>How long the transport has now taken nothing although something waits; zero when nothing does.</summary>
    public TimeSpan StuckFor
    {
        get
        {
            lock (_gate)
            {
                return _busy ? time.GetElapsedTime(_busySince) : TimeSpan.Zero;
            }
        }
    }

    public SendOutcome TrySend(WireFrame frame)
    {
        lock (_gate)
        {
            if (_finished)
            {
                return SendOutcome.Closed;
            }

            if (_busy && (_frames >= MaxFrames || _bytes + frame.Length > MaxBytes))
            {
                return SendOutcome.Full;
            }

            return Accept(frame);
        }
    }

    /// <summary>The last frames of the connection, queued beyond the bounds: there are at most two. Nothing is taken after them.</summary>
    public void Finish(params ReadOnlySpan<WireFrame> lastWords)
    {
        lock (_gate)
        {
            if (_finished)
            {
                return;
            }

            _finished = true;
            foreach (WireFrame frame in lastWords)
            {
                Accept(frame);
            }
        }
    }

    /// <summary>Takes nothing more, and completes when the transport has taken the rest or has ended.</summary>
    public Task CompleteAsync()
    {
        lock (_gate)
        {
            _finished = true;
            return _sending;
        }
    }

    private SendOutcome Accept(WireFrame frame)
    {
        if (_busy)
        {
            (_waiting ??= new Queue<WireFrame>(MaxFrames)).Enqueue(frame);
            _frames++;
            _bytes += frame.Length;
            return SendOutcome.Waiting;
        }

        ValueTask<bool> taken = transport.SendAsync(frame.Bytes);
        if (taken.IsCompletedSuccessfully)
        {
            return taken.Result ? SendOutcome.Sent : Break();
        }

        _busy = true;
        _busySince = time.GetTimestamp();
        _frames = 1;
        _bytes = frame.Length;
        _sending = SendOnAsync(frame, taken);
        return SendOutcome.Waiting;
    }

    /// <summary>Owned by the connection, which awaits it in <see cref="CompleteAsync"/>.</summary>
    private async Task SendOnAsync(WireFrame? frame, ValueTask<bool> taken)
    {
        while (frame is not null)
        {
            bool open = await taken;
            lock (_gate)
            {
                _frames--;
                _bytes -= frame.Length;
                frame = null;
                if (open && _waiting is not null && _waiting.TryDequeue(out frame))
                {
                    _busySince = time.GetTimestamp();
                    taken = transport.SendAsync(frame.Bytes);
                }
                else
                {
                    _waiting = null;
                    _busy = false;
                    if (!open)
                    {
                        Break();
                    }
                }
            }
        }
    }

    /// <summary>Nobody takes anything any more. Whoever reads is told, or waits for something else than the vehicle and would not notice.</summary>
    private SendOutcome Break()
    {
        _finished = true;
        transport.Abort();
        return SendOutcome.Closed;
    }
}
