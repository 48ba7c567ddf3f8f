using System.Buffers;
using System.IO.Pipelines;
using PushPlatform.PushNode.Protocol;

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
/// <remarks>
/// Idle, it holds nothing but the transport's writer. A frame counts as waiting until the transport has taken it; the transport itself keeps
/// up to its own write buffer (16 KiB, see VehicleHosting) for the socket.
/// </remarks>
internal sealed class Outbox(PipeWriter output, TimeProvider time)
{
    public const int MaxFrames = 8;
    public const int MaxBytes = 64 * 1024;

    /// <summary>The largest push: a patch of 32 KiB and what goes around it.</summary>
    private const int LargestPush = 36 * 1024;

    private readonly Lock _gate = new();
    private Queue<WireFrame>? _waiting;
    private Task _flushing = Task.CompletedTask;
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
            return _flushing;
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

        output.Write(frame.Bytes.Span);
        ValueTask<FlushResult> flush = output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            return flush.Result.IsCompleted ? SendOutcome.Closed : SendOutcome.Sent;
        }

        _busy = true;
        _busySince = time.GetTimestamp();
        _frames = 1;
        _bytes = frame.Length;
        _flushing = FlushAsync(flush);
        return SendOutcome.Waiting;
    }

    /// <summary>Owned by the connection, which awaits it in <see cref="CompleteAsync"/>.</summary>
    private async Task FlushAsync(ValueTask<FlushResult> flush)
    {
        bool more = true;
        while (more)
        {
            bool ended = await EndedAsync(flush);
            lock (_gate)
            {
                more = !ended && _waiting is { Count: > 0 };
                if (more)
                {
                    flush = WriteWaiting();
                }
                else
                {
                    _finished |= ended;
                    _waiting = null;
                    _busy = false;
                    _frames = 0;
                    _bytes = 0;
                }
            }
        }
    }

    private static async Task<bool> EndedAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return (await flush).IsCompleted;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The transport broke; the connection's read loop meets the same and ends.
            return true;
        }
    }

    /// <summary>All that waits becomes one write; it goes on counting until the transport has taken it.</summary>
    private ValueTask<FlushResult> WriteWaiting()
    {
        _frames = 0;
        _bytes = 0;
        while (_waiting!.TryDequeue(out WireFrame? frame))
        {
            output.Write(frame.Bytes.Span);
            _frames++;
            _bytes += frame.Length;
        }

        _busySince = time.GetTimestamp();
        return output.FlushAsync();
    }
}
