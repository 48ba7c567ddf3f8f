using System.Net.Sockets;

namespace PushPlatform.Fleet;

/// <summary>A car's TCP connection that can be broken the way radio links, tunnels and crashes break it.</summary>
internal sealed class VehicleStream(Socket socket, int? bytesPerSecond, TimeProvider time) : Stream
{
    private readonly NetworkStream _inner = new(socket, ownsSocket: false);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stalled;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the connection has ended for the node too.</summary>
    internal bool IsClosed => !_stalled && _gone.Task.IsCompleted;

    /// <summary>From now on nothing is read, and what is written vanishes: both ends believe that the connection stands. Lasts until <see cref="Reset"/>.</summary>
    internal void Stall() => _stalled = true;

    /// <summary>Ends the connection with a TCP reset, as a crashed car or a forgetful router does.</summary>
    internal void Reset()
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // It is gone already.
        }

        socket.Dispose();
        _gone.TrySetResult();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = _stalled ? 0 : await _inner.ReadAsync(buffer, cancellationToken);
        if (_stalled)
        {
            await _gone.Task.WaitAsync(cancellationToken);
            throw new IOException("The simulated link is gone.");
        }

        if (bytesPerSecond is { } rate && count > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)count / rate), time, cancellationToken);
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _stalled ? ValueTask.CompletedTask : _inner.WriteAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gone.TrySetResult();

            // A stalled connection stays open for the node: the end of it must not be heard.
            if (!_stalled)
            {
                socket.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
