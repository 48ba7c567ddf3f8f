using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace PushPlatform.Tests.Unit.PushNode;

/// <summary>A connection without a socket: two pipes, of which the test holds the far ends.</summary>
internal sealed class PipeTransport : ConnectionContext, IDuplexPipe
{
    /// <summary>What the node is to read; it does so while the test writes.</summary>
    public Pipe ToNode { get; } = new(new PipeOptions(useSynchronizationContext: false, readerScheduler: PipeScheduler.Inline));

    /// <summary>What the node has written: it waits where 1 KiB lies unread.</summary>
    public Pipe ToCar { get; } =
        new(new PipeOptions(pauseWriterThreshold: 1024, resumeWriterThreshold: 512, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    public bool WasAborted { get; private set; }

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    public PipeReader Input => ToNode.Reader;

    public PipeWriter Output => ToCar.Writer;

    public override string ConnectionId { get; set; } = "";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        WasAborted = true;
        ToNode.Writer.Complete(abortReason);
        ToCar.Reader.Complete();
    }
}
