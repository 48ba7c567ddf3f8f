using System.Buffers;
using System.Net.WebSockets;

namespace PushPlatform.VehicleClient;

/// <summary>Reads the node's messages whole. Holds no buffer while none comes: most cars hear nothing most of the time.</summary>
internal sealed class MessageReader(WebSocket socket)
{
    /// <summary>Waits for one message and hands it on; the bytes are lent for the call alone.</summary>
    /// <returns>False: the node has closed.</returns>
    /// <exception cref="FormatException">It is binary or larger than 64 KiB, or the receiver finds it malformed.</exception>
    public async Task<bool> ReadAsync(Action<ReadOnlyMemory<byte>> take)
    {
        // An empty read waits without a buffer.
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ProtocolRules.MaxFromCar);
        try
        {
            int length = 0;
            while (!result.EndOfMessage && result.MessageType != WebSocketMessageType.Close)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
                length += result.Count;
            }

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            if (result.MessageType == WebSocketMessageType.Binary || length > ProtocolRules.MaxToCar)
            {
                throw new FormatException("The node sent a binary frame, or one of more than 64 KiB.");
            }

            take(buffer.AsMemory(0, length));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full)
    {
        if (full.Length > ProtocolRules.MaxToCar)
        {
            throw new FormatException("The node sent a frame of more than 64 KiB.");
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(full.Length * 4, ProtocolRules.MaxToCar + 1));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
