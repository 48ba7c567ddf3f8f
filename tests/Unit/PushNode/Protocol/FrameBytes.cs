using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

/// <summary>What the bytes of good frames say, read without our parser.</summary>
internal static class FrameBytes
{
    /// <summary>The start of the frame that ends at <paramref name="end"/>. All frames before it were good.</summary>
    public static int FrameBefore(byte[] bytes, int end)
    {
        int start = 0;
        for (int next = 0; next < end;)
        {
            start = next;
            next += Walk(bytes, next);
        }

        return start;
    }

    private static int Walk(ReadOnlySpan<byte> bytes, int at)
    {
        int length = bytes[at + 1] & 0x7F;
        return HeaderOf(bytes, at) + (length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[(at + 2)..]),
            _ => length,
        });
    }

    private static int HeaderOf(ReadOnlySpan<byte> bytes, int at) => (bytes[at + 1] & 0x7F) switch
    {
        126 => 8,
        127 => 14,
        _ => 6,
    };

    /// <summary>Both wait for the rest; the framework judges what it has of the text meanwhile.</summary>
    public static bool EndsInMidMessage(byte[] bytes)
    {
        bool open = false;
        for (int at = 0; at < bytes.Length; at += Walk(bytes, at))
        {
            open = (bytes[at] & 0x0F) >= 8 ? open : (bytes[at] & 0x80) == 0;
        }

        return open;
    }

    /// <summary>The message that is under way at the end begins with what is no UTF-8. All frames are good.</summary>
    public static bool HoldsBadText(ReadOnlySpan<byte> bytes)
    {
        List<byte> text = [];
        for (int at = 0, next; at < bytes.Length; at = next)
        {
            next = at + Walk(bytes, at);
            if ((bytes[at] & 0x0F) >= 8)
            {
                continue;
            }

            int payload = at + HeaderOf(bytes, at);
            for (int i = payload; i < next; i++)
            {
                text.Add((byte)(bytes[i] ^ bytes[payload - 4 + ((i - payload) % 4)]));
            }

            if ((bytes[at] & 0x80) != 0)
            {
                text.Clear();
            }
        }

        return IsNoBeginOfText([.. text]);
    }

    private static bool IsNoBeginOfText(ReadOnlySpan<byte> text)
    {
        for (OperationStatus status = OperationStatus.Done; !text.IsEmpty && status == OperationStatus.Done;)
        {
            status = Rune.DecodeFromUtf8(text, out _, out int taken);
            if (status == OperationStatus.InvalidData)
            {
                return true;
            }

            text = text[taken..];
        }

        return false;
    }
}
