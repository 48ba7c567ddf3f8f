using System.Buffers.Binary;
using System.Text;

namespace PushPlatform.PushNode.Protocol;

/// <summary>A complete, unmasked, unfragmented server frame (RFC 6455 §5.2): made once, sent as the same bytes to any number of vehicles.</summary>
internal sealed class WireFrame
{
    private const byte FinText = 0x81;

    private WireFrame(byte[] bytes) => Bytes = bytes;

    /// <summary>Header and payload.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public int Length => Bytes.Length;

    public static WireFrame Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public static WireFrame Text(ReadOnlySpan<byte> utf8)
    {
        int header = utf8.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        byte[] bytes = new byte[header + utf8.Length];
        bytes[0] = FinText;
        switch (header)
        {
            case 2:
                bytes[1] = (byte)utf8.Length;
                break;
            case 4:
                bytes[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)utf8.Length);
                break;
            default:
                bytes[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), (ulong)utf8.Length);
                break;
        }

        utf8.CopyTo(bytes.AsSpan(header));
        return new WireFrame(bytes);
    }
}
