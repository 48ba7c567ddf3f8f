using System.IO.Pipelines;

namespace PushPlatform.PushNode.Transport;

/// <summary>A vehicle's TCP connection, as the handshake and the frames use it: plain (<see cref="SocketTransport"/>) or with TLS (<see cref="KestrelTransport"/>).</summary>
internal interface IVehicleTransport
{
    /// <summary>What comes in. Holds no buffer while nothing does; a broken connection is one that is completed.</summary>
    PipeReader Input { get; }

    /// <summary>Cancelled when the connection is cut here. That the other side has gone, <see cref="Input"/> tells, and a send that fails.</summary>
    CancellationToken Closed { get; }

    /// <summary>Sends, or goes on sending when the other side takes more. For one caller at a time, who keeps the bytes as they are until then.</summary>
    /// <returns>Completed at once where there was room. False: the connection is over.</returns>
    ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Cuts the connection. Whoever reads or sends is let go.</summary>
    void Abort();
}
