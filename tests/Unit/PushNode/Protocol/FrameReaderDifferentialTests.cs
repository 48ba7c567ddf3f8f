using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

/// <summary>Our reader against the framework's on the same bytes: what both take must mean the same, and we take nothing that it refuses.</summary>
public sealed class FrameReaderDifferentialTests
{
    private const int Rounds = 3000;

    [Fact]
    public async Task RandomFrames_MeanTheSameToBoth()
    {
        int messages = 0;
        int refused = 0;
        Random random = new(20260601);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = RandomStream(random);
            List<string> ours = ReadOurs(bytes, random.Next(1, bytes.Length + 1));
            List<string> theirs = await ReadTheirsAsync(bytes);

            bool weRefuse = ours.Count > 0 && ours[^1] == "refused";
            List<string> taken = weRefuse ? ours[..^1] : ours;
            string context = $"round {round}, bytes {Convert.ToHexString(bytes)}";
            theirs.Take(taken.Count).ShouldBe(taken, context);
            if (!weRefuse)
            {
                theirs.ShouldBe(taken, context);
            }

            messages += taken.Count;
            refused += weRefuse ? 1 : 0;
        }

        messages.ShouldBeGreaterThan(Rounds / 3);
        refused.ShouldBeGreaterThan(Rounds / 10);
    }

    /// <summary>Mostly good frames, sometimes a fault.</summary>
    private static byte[] RandomStream(Random random)
    {
        List<byte> bytes = [];
        for (int frames = random.Next(1, 6); frames > 0; frames--)
        {
            byte opcode = (byte)(random.Next(10) switch { < 4 => 0x1, < 6 => 0x0, 6 => 0x9, 7 => 0xA, 8 => 0x8, _ => random.Next(16) });
            byte final = (byte)(random.Next(4) == 0 ? 0 : 0x80);
            byte reserved = (byte)(random.Next(40) == 0 ? 0x10 << random.Next(3) : 0);
            byte[] payload = random.Next(8) switch
            {
                0 => RandomBytes(random, random.Next(8)),
                1 => Encoding.UTF8.GetBytes(new string('ä', random.Next(200))),
                2 when opcode == 0x8 => [0x03, 0xE8, .. "bye"u8],
                3 when opcode == 0x8 => [],
                _ => Encoding.UTF8.GetBytes(new string('x', random.Next(130))),
            };
            byte[] frame = Frames.Masked((byte)(final | reserved | opcode), payload);
            if (random.Next(40) == 0)
            {
                frame[1] &= 0x7F;
            }

            bytes.AddRange(frame);
        }

        return [.. bytes];
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static List<string> ReadOurs(byte[] bytes, int step)
    {
        List<string> read = [];
        FrameReader reader = new();
        byte[] scratch = new byte[FrameReader.MaxMessage];
        int consumed = 0;
        for (int given = Math.Min(step, bytes.Length); ; given = Math.Min(given + step, bytes.Length))
        {
            ReadOnlySequence<byte> input = new(bytes, consumed, given - consumed);
            for (Inbound inbound = reader.Read(ref input, scratch); inbound.Kind != InboundKind.Incomplete; inbound = reader.Read(ref input, scratch))
            {
                switch (inbound.Kind)
                {
                    case InboundKind.Fault:
                        read.Add("refused");
                        return read;
                    case InboundKind.Close:
                        // The framework says 1000 where the vehicle gave no code.
                        read.Add($"close {inbound.Code ?? 1000}");
                        return read;
                    case InboundKind.Text:
                        read.Add(Encoding.UTF8.GetString(inbound.Payload));
                        break;
                    default:
                        break;
                }
            }

            consumed = given - (int)input.Length;
            if (given == bytes.Length)
            {
                return read;
            }
        }
    }

    private static async Task<List<string>> ReadTheirsAsync(byte[] bytes)
    {
        List<string> read = [];
        using WebSocket socket = WebSocket.CreateFromStream(new OneWay(bytes), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        StringBuilder message = new();
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] buffer = new byte[FrameReader.MaxMessage];
        char[] characters = new char[FrameReader.MaxMessage + 1];
        try
        {
            while (true)
            {
                WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    read.Add($"close {(int)result.CloseStatus!.Value}");
                    return read;
                }

                message.Append(characters, 0, decoder.GetChars(buffer, 0, result.Count, characters, 0));
                if (result.EndOfMessage)
                {
                    read.Add(message.ToString());
                    message.Clear();
                }
            }
        }
        catch (WebSocketException)
        {
            return read;
        }
    }

    /// <summary>Gives the bytes and then ends; swallows what is written.</summary>
    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
