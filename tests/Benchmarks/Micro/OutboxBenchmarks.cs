using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Benchmarks.Micro;

/// <summary>The node's own part of sending one frame to one car that takes it: what a socket costs comes on top.</summary>
public class OutboxBenchmarks
{
    private const int WriteBuffer = 16 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: WriteBuffer,
        resumeWriterThreshold: WriteBuffer / 2,
        useSynchronizationContext: false));

    private readonly WireFrame _frame = WireFrame.Text(new string('x', 256));
    private Outbox _outbox = null!;

    [GlobalSetup]
    public void Open() => _outbox = new Outbox(_pipe.Writer, TimeProvider.System);

    [Benchmark]
    public bool SendANotice()
    {
        bool sent = _outbox.TrySend(_frame) == SendOutcome.Sent;
        _pipe.Reader.TryRead(out ReadResult read);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        return sent;
    }
}
