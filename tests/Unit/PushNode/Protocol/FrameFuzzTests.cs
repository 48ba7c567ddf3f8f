using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Unit.Fuzz;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

/// <summary>Good streams and damaged ones, in random pieces: our reader and the framework's mean the same by them, but for the rules of <see cref="IsOurRule"/>.</summary>
public sealed class FrameFuzzTests
{
    private const string Refused = "refused";

    [Fact]
    public Task GoodAndDamagedStreams_MeanTheSameToBoth() => FuzzRun.RunAsync(rounds: 4000, async random =>
    {
        byte[] bytes = StreamOf(random);
        if (random.Next(2) == 0)
        {
            Damage(random, ref bytes);
        }

        (List<string> ours, int at, int code) = ReadOurs(bytes, random);
        (List<string> theirs, bool theyRefuse) = await ReadTheirsAsync(bytes, random);

        string context = $"{Convert.ToHexString(bytes)}, ours ends with {code} at {at}";
        ReadOurs(bytes, random).Read.ShouldBe(ours, $"in other pieces: {context}");
        bool weRefuse = ours.LastOrDefault() == Refused;
        bool weClose = ours.LastOrDefault()?.StartsWith("close", StringComparison.Ordinal) ?? false;

        // The framework judges text as it comes. We judge whole messages, and one that a close breaks off never becomes one.
        bool theySawBadTextBeforeTheClose = theyRefuse && weClose && HoldsBadText(bytes.AsSpan(0, at));
        List<string> taken = weRefuse || theySawBadTextBeforeTheClose ? ours[..^1] : ours;
        theirs.Take(taken.Count).ShouldBe(taken, context);
        if (!weRefuse)
        {
            theirs.ShouldBe(taken, context);
            bool cutShort = (at < bytes.Length && !weClose) || theySawBadTextBeforeTheClose;
            (theyRefuse && !cutShort && !EndsInMidMessage(bytes)).ShouldBeFalse($"they refuse what we took: {context}");
        }
        else if (!theyRefuse)
        {
            IsOurRule(bytes, at, code).ShouldBeTrue($"we refuse what they took: {context}");
        }
    });

    /// <summary>Where we are stricter on purpose, told from the bytes and not by our parser.</summary>
    private static bool IsOurRule(ReadOnlySpan<byte> bytes, int at, int code)
    {
        ReadOnlySpan<byte> frame = bytes[at..];
        if (frame.Length < 14 && code != 1007)
        {
            // We need not have the whole header to see that it is none.
            return true;
        }

        int opcode = frame[0] & 0x0F;
        int shortLength = frame[1] & 0x7F;
        return code switch
        {
            // push.v1 is text (PROTOCOL.md §3), and its messages are short.
            1003 => opcode == 2,
            1009 => true,

            // RFC 6455 §5.2: the minimal number of bytes must be used. §7.4: codes that must not be sent. §5.5.1: a reason is UTF-8.
            1002 => shortLength == 126 ? BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) < 126
                : shortLength == 127 ? BinaryPrimitives.ReadUInt64BigEndian(frame[2..]) is <= ushort.MaxValue or > long.MaxValue
                : opcode == 8,
            1007 => opcode == 8

                // RFC 6455 §8.1: a message that ends inside a character. The framework does not look at that when the last fragment is empty.
                || (frame[0] == 0x80 && shortLength == 0),
            _ => false,
        };
    }

    /// <summary>Whole messages in fragments, control frames between them, all kinds of lengths and characters.</summary>
    private static byte[] StreamOf(Random random)
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

    private static void Damage(Random random, ref byte[] bytes)
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

    /// <summary>What was read; where the reader stood at the end; with which code it refused, or 0.</summary>
    private static (List<string> Read, int At, int Code) ReadOurs(byte[] bytes, Random random)
    {
        List<string> read = [];
        FrameReader reader = new();
        byte[] scratch = new byte[FrameReader.MaxMessage];
        int consumed = 0;
        for (int given = 0; given < bytes.Length || given == 0;)
        {
            given = Math.Min(bytes.Length, given + random.Next(1, 200));
            ReadOnlySequence<byte> input = Pieces.Of(bytes.AsMemory(consumed, given - consumed), random);
            while (true)
            {
                long before = input.Length;
                Inbound inbound = reader.Read(ref input, scratch);
                if (inbound.Kind == InboundKind.Incomplete)
                {
                    break;
                }

                consumed += (int)(before - input.Length);
                switch (inbound.Kind)
                {
                    case InboundKind.Fault:
                        read.Add(Refused);

                        // A fault in the payload is found once the frame is taken, one in the header before.
                        return (read, before == input.Length ? consumed : FrameBefore(bytes, consumed), inbound.Fault!.Code);
                    case InboundKind.Close:
                        read.Add($"close {inbound.Code ?? 1000}");
                        return (read, consumed, 0);
                    case InboundKind.Text:
                        read.Add(Encoding.UTF8.GetString(inbound.Payload));
                        break;
                    default:
                        break;
                }
            }

            if (given == 0)
            {
                break;
            }
        }

        return (read, consumed, 0);
    }

    /// <summary>The start of the frame that ends at <paramref name="end"/>. All frames before it were good.</summary>
    private static int FrameBefore(byte[] bytes, int end)
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
    private static bool EndsInMidMessage(byte[] bytes)
    {
        bool open = false;
        for (int at = 0; at < bytes.Length; at += Walk(bytes, at))
        {
            open = (bytes[at] & 0x0F) >= 8 ? open : (bytes[at] & 0x80) == 0;
        }

        return open;
    }

    /// <summary>The message that is under way at the end begins with what is no UTF-8. All frames are good.</summary>
    private static bool HoldsBadText(ReadOnlySpan<byte> bytes)
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

    private static async Task<(List<string> Read, bool Refused)> ReadTheirsAsync(byte[] bytes, Random random)
    {
        List<string> read = [];
        using WebSocket socket = WebSocket.CreateFromStream(
            new InPieces(bytes, random), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        List<byte> message = [];
        byte[] buffer = new byte[8192];
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    read.Add($"close {(int)socket.CloseStatus!.Value}");
                    return (read, false);
                }

                message.AddRange(buffer.AsSpan(0, result.Count));
                if (result.EndOfMessage)
                {
                    read.Add(Encoding.UTF8.GetString([.. message]));
                    message.Clear();
                }
            }
        }
        catch (WebSocketException end)
        {
            return (read, end.WebSocketErrorCode != WebSocketError.ConnectionClosedPrematurely);
        }
    }
}
