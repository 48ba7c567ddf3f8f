using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.Benchmarks.Micro;

/// <summary>The node's own part of sending one frame to one car that takes it: what a socket costs comes on top.</summary>
public class OutboxBenchmarks
{
    private readonly WireFrame _frame = WireFrame.Text(new string('x', 256));
    private Outbox _outbox = null!;

    [GlobalSetup]
    public void Open() => _outbox = new Outbox(new Taker(), TimeProvider.System);

    [Benchmark]
    public bool SendANotice() => _outbox.TrySend(_frame) == SendOutcome.Sent;

    /// <summary>Has room for everything.</summary>
    private sealed class Taker : IVehicleTransport
    {
        public PipeReader Input => throw new NotSupportedException();

        public CancellationToken Closed => CancellationToken.None;

        public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => new(true);

        public void Abort()
        {
        }
    }
}
