using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace PushPlatform.PushNode.Transport;

/// <summary>What comes from a socket. Has a buffer only while there are bytes that have not been consumed.</summary>
/// <remarks>
/// .NET's own reader over a stream (<see cref="PipeReader.Create(Stream, StreamPipeReaderOptions?)"/>) can wait without a buffer, too, but parks a
/// cancellation of its own with each read. Here a read is ended by shutting the socket, and an idle car holds nothing for it.
/// </remarks>
internal sealed class SocketInput(Socket socket) : PipeReader
{
    /// <summary>Bytes: more than a request's head, and more than a message and its header.</summary>
    public const int BufferSize = 16 * 1024;

    /// <summary>What nearly all of it fits into: who begins something and does not go on holds no more.</summary>
    private const int UsualSize = 2 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _wantsMore = true;
    private bool _over;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (_wantsMore && !_over)
        {
            try
            {
                // No bytes are asked for: it completes when there are some.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
                Receive();
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                _over = true;
            }
        }

        return Result();
    }

    public override bool TryRead(out ReadResult result)
    {
        bool any = !_wantsMore || _over;
        result = any ? Result() : default;
        return any;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer is null)
        {
            return;
        }

        _wantsMore = examined.GetInteger() == _end;
        _start = consumed.GetInteger();
        if (_start == _end)
        {
            Release();
        }
    }

    public override void CancelPendingRead() => throw new NotSupportedException("A read ends with the connection.");

    public override void Complete(Exception? exception = null)
    {
        _over = true;
        Release();
    }

    private ReadResult Result()
    {
        ReadOnlySequence<byte> bytes = _buffer is { } buffer ? new ReadOnlySequence<byte>(buffer, _start, _end - _start) : ReadOnlySequence<byte>.Empty;
        return new ReadResult(bytes, isCanceled: false, isCompleted: _over);
    }

    /// <exception cref="InvalidOperationException">The reader waits for the end of something longer than the buffer, which it is to refuse before.</exception>
    private void Receive()
    {
        Span<byte> room = Room();
        int received = socket.Receive(room, SocketFlags.None, out SocketError error);
        if (received > 0)
        {
            _end += received;
            _wantsMore = false;
            return;
        }

        _over = error != SocketError.WouldBlock;
        if (_start == _end)
        {
            Release();
        }
    }

    private Span<byte> Room()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(UsualSize);
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length && _end < BufferSize)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(BufferSize);
            _buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _end < _buffer.Length ? _buffer.AsSpan(_end) : throw new InvalidOperationException("What the connection waits for is longer than its buffer.");
    }

    private void Release()
    {
        if (_buffer is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
            _buffer = null;
        }

        _start = _end = 0;
        _wantsMore = true;
    }
}
