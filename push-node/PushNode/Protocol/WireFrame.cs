using System.Buffers.Binary;
using System.Text;

namespace PushPlatform.PushNode.Protocol;

/// <summary>A complete, unmasked, unfragmented server frame (RFC 6455 §5.2): made once, sent as the same bytes to any number of vehicles.</summary>
internal sealed class WireFrame
{
    /// <summary>A WebSocket ping without payload.</summary>
    public static readonly WireFrame Ping = new(Opcode.Ping, []);

    private const byte Final = 0x80;

    private WireFrame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        int header = payload.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        byte[] bytes = new byte[header + payload.Length];
        bytes[0] = (byte)(Final | (byte)opcode);
        switch (header)
        {
            case 2:
                bytes[1] = (byte)payload.Length;
                break;
            case 4:
                bytes[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)payload.Length);
                break;
            default:
                bytes[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), (ulong)payload.Length);
                break;
        }

        payload.CopyTo(bytes.AsSpan(header));
        Bytes = bytes;
    }

    /// <summary>Header and payload.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public int Length => Bytes.Length;

    public static WireFrame Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public static WireFrame Text(ReadOnlySpan<byte> utf8) => new(Opcode.Text, utf8);

    /// <summary>The answer to a ping: its payload, at most 125 bytes.</summary>
    public static WireFrame Pong(ReadOnlySpan<byte> payload) => new(Opcode.Pong, payload);

    /// <param name="code">Null: a close frame without a body, as the answer to one.</param>
    public static WireFrame Close(int? code)
    {
        if (code is not { } value)
        {
            return new WireFrame(Opcode.Close, []);
        }

        Span<byte> body = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)value);
        return new WireFrame(Opcode.Close, body);
    }
}
