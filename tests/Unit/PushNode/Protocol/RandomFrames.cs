using System.Buffers.Binary;
using System.Text;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

/// <summary>Streams of frames as cars send them, and damage to them.</summary>
internal static class RandomFrames
{
    /// <summary>Whole messages in fragments, control frames between them, all kinds of lengths and characters.</summary>
    public static byte[] StreamOf(Random random)
    {
        List<byte> bytes = [];
        for (int messages = random.Next(1, 5); messages > 0; messages--)
        {
            byte[] text = TextOf(random);
            int fragments = random.Next(3) == 0 ? random.Next(2, 6) : 1;
            int from = 0;
            for (int i = 0; i < fragments; i++)
            {
                int to = i == fragments - 1 ? text.Length : random.Next(from, text.Length + 1);
                bytes.AddRange(FrameOf(random, (byte)((i == fragments - 1 ? 0x80 : 0) | (i == 0 ? 1 : 0)), text[from..to]));
                from = to;
                if (random.Next(4) == 0)
                {
                    bytes.AddRange(FrameOf(random, random.Next(2) == 0 ? (byte)0x89 : (byte)0x8A, new byte[random.Next(126)]));
                }
            }
        }

        if (random.Next(3) == 0)
        {
            byte[] code = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(code, (ushort)(random.Next(2) == 0 ? 1000 : random.Next(990, 5010)));
            bytes.AddRange(FrameOf(random, 0x88, [.. code, .. Encoding.UTF8.GetBytes("bye")]));
        }

        return [.. bytes];
    }

    private static byte[] TextOf(Random random)
    {
        int length = random.Next(6) switch { 0 => 0, 1 => random.Next(120, 132), 2 => random.Next(4000, 4200), _ => random.Next(60) };
        StringBuilder text = new();
        while (text.Length < length)
        {
            text.Append(random.Next(8) switch { 0 => "ä", 1 => "€", 2 => "🚗", _ => "x" });
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] FrameOf(Random random, byte first, byte[] payload)
    {
        byte[] length = payload.Length < 126 && random.Next(100) > 0 ? [(byte)(0x80 | payload.Length)]
            : random.Next(20) > 0 ? [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [0xFF, 0, 0, 0, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length];
        byte[] mask = new byte[4];
        random.NextBytes(mask);
        return [first, .. length, .. mask, .. payload.Select((value, i) => (byte)(value ^ mask[i % 4]))];
    }

    /// <summary>Changes, drops or adds a few bytes, or cuts the end off.</summary>
    public static void Damage(Random random, ref byte[] bytes)
    {
        for (int times = random.Next(1, 4); times > 0 && bytes.Length > 2; times--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[(at + 1)..]];
                    break;
                default:
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
            }
        }
    }
}
