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
        byte[] bytes = RandomFrames.StreamOf(random);
        if (random.Next(2) == 0)
        {
            RandomFrames.Damage(random, ref bytes);
        }

        (List<string> ours, int at, int code) = ReadOurs(bytes, random);
        (List<string> theirs, bool theyRefuse) = await ReadTheirsAsync(bytes, random);

        string context = $"{Convert.ToHexString(bytes)}, ours ends with {code} at {at}";
        ReadOurs(bytes, random).Read.ShouldBe(ours, $"in other pieces: {context}");
        bool weRefuse = ours.LastOrDefault() == Refused;
        bool weClose = ours.LastOrDefault()?.StartsWith("close", StringComparison.Ordinal) ?? false;

        // The framework judges text as it comes. We judge whole messages, and one that a close breaks off never becomes one.
        bool theySawBadTextBeforeTheClose = theyRefuse && weClose && FrameBytes.HoldsBadText(bytes.AsSpan(0, at));
        List<string> taken = weRefuse || theySawBadTextBeforeTheClose ? ours[..^1] : ours;
        theirs.Take(taken.Count).ShouldBe(taken, context);
        if (!weRefuse)
        {
            theirs.ShouldBe(taken, context);
            bool cutShort = (at < bytes.Length && !weClose) || theySawBadTextBeforeTheClose;
            (theyRefuse && !cutShort && !FrameBytes.EndsInMidMessage(bytes)).ShouldBeFalse($"they refuse what we took: {context}");
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
                        return (read, before == input.Length ? consumed : FrameBytes.FrameBefore(bytes, consumed), inbound.Fault!.Code);
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
