using System.IO.Pipelines;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.Tests.Unit.PushNode;

/// <summary>A connection without a socket: two pipes, of which the test holds the far ends.</summary>
internal sealed class PipeTransport : IVehicleTransport, IDisposable
{
    private readonly CancellationTokenSource _closed = new();

    /// <summary>What the node is to read; it does so while the test writes.</summary>
    public Pipe ToNode { get; } = new(new PipeOptions(useSynchronizationContext: false, readerScheduler: PipeScheduler.Inline));

    /// <summary>What the node has written: it waits where 1 KiB lies unread.</summary>
    public Pipe ToCar { get; } =
        new(new PipeOptions(pauseWriterThreshold: 1024, resumeWriterThreshold: 512, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    public bool WasAborted => _closed.IsCancellationRequested;

    public PipeReader Input => ToNode.Reader;

    public CancellationToken Closed => _closed.Token;

    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => !(await ToCar.Writer.WriteAsync(bytes)).IsCompleted;

    public void Abort()
    {
        ToNode.Writer.Complete();
        ToCar.Reader.Complete();
        _closed.Cancel();
    }

    public void Dispose() => _closed.Dispose();
}
