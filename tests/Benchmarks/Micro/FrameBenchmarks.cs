using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Benchmarks.Micro;

/// <summary>What comes from a car and what goes to it: framing, unmasking, parsing. BenchmarkDotNet wants it public and unsealed.</summary>
public class FrameBenchmarks
{
    private const int HeaderAndMask = 6;

    private static readonly string Text = new('x', 256);
    private static readonly byte[] AckText = """{"type":"ack","delivery":"fleet/brake-hotfix#1","status":"received"}"""u8.ToArray();

    private static readonly byte[] Head = Encoding.ASCII.GetBytes(
        "GET /ws?vid=WVWZZZ1JZXW000001 HTTP/1.1\r\nHost: push.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: push.v1\r\n");

    private readonly FrameReader _reader = new();
    private readonly byte[] _scratch = new byte[FrameReader.MaxMessage];
    private ReadOnlySequence<byte> _ack;

    [GlobalSetup]
    public void Mask()
    {
        byte[] frame = [0x81, (byte)(0x80 | AckText.Length), 0x12, 0x34, 0x56, 0x78, .. AckText];
        for (int i = 0; i < AckText.Length; i++)
        {
            frame[HeaderAndMask + i] ^= frame[2 + (i % 4)];
        }

        _ack = new ReadOnlySequence<byte>(frame);
    }

    /// <summary>Once an order or message, whatever the number of cars.</summary>
    [Benchmark]
    public int FrameANotice() => WireFrame.Text(Text).Length;

    /// <summary>Once a car: its welcome.</summary>
    [Benchmark]
    public int FrameAWelcome() => NodeFrames.Welcome("1f2e3d4c-1234", 1, 5).Length;

    /// <summary>Once an ack: header, unmasking, UTF-8.</summary>
    [Benchmark]
    public int ReadAnAck()
    {
        ReadOnlySequence<byte> input = _ack;
        return _reader.Read(ref input, _scratch).Payload.Length;
    }

    /// <summary>Once an ack: its JSON.</summary>
    [Benchmark]
    public bool ParseAnAck() => VehicleMessage.Parse(AckText, DateTimeOffset.UnixEpoch).Kind == MessageKind.Ack;

    /// <summary>Once a connection.</summary>
    [Benchmark]
    public bool ParseAHandshake() => UpgradeRequest.Parse(Head, out _) is not null;
}
