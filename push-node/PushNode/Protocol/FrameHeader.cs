using System.Buffers;
using System.Buffers.Binary;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Protocol;

/// <summary>Opcodes of RFC 6455 §5.2.</summary>
internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The header of a frame from a vehicle (RFC 6455 §5.2), with everything refused that can be judged without its payload.</summary>
/// <param name="Size">Bytes of the header itself, mask included.</param>
/// <param name="Length">Bytes of the payload.</param>
/// <param name="Mask">The masking key in memory order.</param>
internal readonly record struct FrameHeader(bool Final, Opcode Opcode, int Size, int Length, uint Mask)
{
    private const int MaskSize = 4;
    private const int MaxSize = 2 + 8 + MaskSize;
    private const int MaxControl = 125;
    private const int Bits16 = 126;
    private const int Bits64 = 127;

    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>False with a fault: the connection must end with it. False without: more bytes are needed.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> input, out FrameHeader header, out CloseReason? fault)
    {
        header = default;
        Span<byte> bytes = stackalloc byte[MaxSize];
        int available = (int)Math.Min(input.Length, MaxSize);
        input.Slice(0, available).CopyTo(bytes);
        fault = available < 2 ? null : Judge(bytes[0], bytes[1]);
        if (available < 2 || fault is not null)
        {
            return false;
        }

        int shortLength = bytes[1] & 0x7F;
        int lengthSize = shortLength switch { Bits16 => 2, Bits64 => 8, _ => 0 };
        if (available < 2 + lengthSize)
        {
            return false;
        }

        ulong length = lengthSize switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)shortLength,
        };
        fault = JudgeLength(length, lengthSize);
        int size = 2 + lengthSize + MaskSize;
        if (fault is not null || available < size)
        {
            return false;
        }

        uint mask = BitConverter.ToUInt32(bytes[(size - MaskSize)..]);
        header = new FrameHeader((bytes[0] & 0x80) != 0, (Opcode)(bytes[0] & 0x0F), size, (int)length, mask);
        return true;
    }

    private static CloseReason? Judge(byte first, byte second)
    {
        bool final = (first & 0x80) != 0;
        bool reservedBits = (first & 0x70) != 0;
        bool masked = (second & 0x80) != 0;
        int length = second & 0x7F;
        Opcode opcode = (Opcode)(first & 0x0F);
        if (reservedBits || !masked || !Enum.IsDefined(opcode))
        {
            return CloseReason.ProtocolError;
        }

        if (opcode >= Opcode.Close && (!final || length > MaxControl))
        {
            return CloseReason.ProtocolError;
        }

        return opcode == Opcode.Binary ? CloseReason.UnsupportedData : null;
    }

    private static CloseReason? JudgeLength(ulong length, int lengthSize)
    {
        bool shortestForm = lengthSize switch
        {
            2 => length >= Bits16,
            8 => length is > ushort.MaxValue and <= long.MaxValue,
            _ => true,
        };
        return !shortestForm ? CloseReason.ProtocolError : length > FrameReader.MaxMessage ? CloseReason.TooBig : null;
    }
}
