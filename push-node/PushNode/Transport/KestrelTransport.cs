using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace PushPlatform.PushNode.Transport;

/// <summary>A connection that Kestrel holds: the way of TLS.</summary>
internal sealed class KestrelTransport(ConnectionContext connection) : IVehicleTransport
{
    public PipeReader Input => connection.Transport.Input;

    public CancellationToken Closed => connection.ConnectionClosed;

    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        connection.Transport.Output.Write(bytes.Span);
        ValueTask<FlushResult> flush = connection.Transport.Output.FlushAsync();
        return flush.IsCompletedSuccessfully ? new ValueTask<bool>(!flush.Result.IsCompleted) : FlushedAsync(flush);
    }

    public void Abort() => connection.Abort();

    private static async ValueTask<bool> FlushedAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return !(await flush).IsCompleted;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // It broke; whoever reads meets the same.
            return false;
        }
    }
}
