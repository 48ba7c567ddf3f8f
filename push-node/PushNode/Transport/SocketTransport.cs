using System.IO.Pipelines;
using System.Net.Sockets;

namespace PushPlatform.PushNode.Transport;

/// <summary>A connection without TLS: nothing stands between a frame and the socket.</summary>
/// <remarks>
/// Kestrel's transport copies into a pipe that another thread empties. What that costs a car, idle and told something, stands in push-node/README.md, Decisions.
/// </remarks>
internal sealed class SocketTransport : IVehicleTransport, IDisposable
{
    private readonly Socket _socket;
    private CancellationTokenSource? _closed;
    private volatile bool _aborted;
    private bool _disposed;

    /// <param name="socket">Connected; from now on this transport's.</param>
    public SocketTransport(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
        Input = new SocketInput(socket);
    }

    public PipeReader Input { get; }

    public CancellationToken Closed
    {
        get
        {
            // Made for the few who wait for something else than input.
            CancellationTokenSource closed = LazyInitializer.EnsureInitialized(ref _closed);
            if (_aborted)
            {
                closed.Cancel();
            }

            return closed.Token;
        }
    }

    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            int sent = _socket.Send(bytes.Span, SocketFlags.None, out SocketError error);
            return error switch
            {
                SocketError.Success when sent == bytes.Length => new ValueTask<bool>(true),
                SocketError.Success or SocketError.WouldBlock => SendRestAsync(bytes[sent..]),
                _ => new ValueTask<bool>(false),
            };
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<bool>(false);
        }
    }

    public void Abort()
    {
        _aborted = true;
        // Pairs with the making of Closed: one of the two sees the other.
        Interlocked.MemoryBarrier();
        _ = _closed?.CancelAsync();
        Shut();
    }

    /// <summary>Gives the socket back. What was sent still leaves, unless the connection was cut: then the kernel keeps nothing for it either.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Input.Complete();
        if (_aborted)
        {
            _socket.Close(timeout: 0);
            return;
        }

        Discard();
        Shut();
        _socket.Dispose();
    }

    /// <summary>What has come and lies unread would make the end a reset, which overtakes what was sent.</summary>
    private void Discard()
    {
        Span<byte> unread = stackalloc byte[1024];
        int left = SocketInput.BufferSize;
        int got;
        do
        {
            got = _socket.Receive(unread, SocketFlags.None, out _);
            left -= got;
        }
        while (got > 0 && left > 0);
    }

    private void Shut()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // It was over already.
        }
    }

    private async ValueTask<bool> SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
            }

            return true;
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }
}
