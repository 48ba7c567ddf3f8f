using System.Buffers.Binary;

namespace PushPlatform.Tests.Unit.PushNode;

/// <summary>Frames as a vehicle sends them.</summary>
internal static class Frames
{
    /// <param name="first">FIN, reserved bits and opcode.</param>
    /// <param name="payload">Not masked yet; at most 65535 bytes.</param>
    public static byte[] Masked(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] mask = [0x37, 0xFA, 0x21, 0x3D];
        int header = payload.Length < 126 ? 2 : 4;
        byte[] bytes = new byte[header + mask.Length + payload.Length];
        bytes[0] = first;
        bytes[1] = (byte)(0x80 | Math.Min(payload.Length, 126));
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)payload.Length);
        }

        mask.CopyTo(bytes, header);
        for (int i = 0; i < payload.Length; i++)
        {
            bytes[header + mask.Length + i] = (byte)(payload[i] ^ mask[i % mask.Length]);
        }

        return bytes;
    }
}
