using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A car that does just what a test says, byte by byte, and answers no ping by itself.</summary>
internal sealed class RawCar : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;

    private RawCar(Socket socket) => _socket = socket;

    public static async Task<RawCar> ConnectAsync(IPEndPoint node, int? receiveBuffer = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(node);
        return new RawCar(socket);
    }

    /// <summary>Connects, upgrades, says hello and has its welcome.</summary>
    public static async Task<RawCar> ArriveAsync(IPEndPoint node, string vid, int? receiveBuffer = null)
    {
        RawCar car = await ConnectAsync(node, receiveBuffer);
        await car.UpgradeAsync(vid);
        await car.SendTextAsync($$"""{"type":"hello","vid":"{{vid}}"}""");
        JsonObject? welcome = (await car.ReadFrameAsync())?.Json;
        return (string?)welcome?["type"] == "welcome" ? car : throw new InvalidOperationException($"Not welcome: {welcome}");
    }

    public async Task UpgradeAsync(string vid)
    {
        await SendAsync(Encoding.ASCII.GetBytes(Request(vid)));
        string head = await ReadHeadAsync();
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(head);
        }
    }

    public static string Request(string vid) =>
        $"GET /ws?vid={vid} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: push.v1\r\n\r\n";

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    public Task SendTextAsync(string text) => SendFrameAsync(0x81, Encoding.UTF8.GetBytes(text));

    public Task SendCloseAsync(int code)
    {
        byte[] body = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)code);
        return SendFrameAsync(0x88, body);
    }

    public Task SendFrameAsync(byte first, ReadOnlySpan<byte> payload)
    {
        // Masked with zeros: allowed, and the bytes stay readable.
        byte[] frame = new byte[8 + payload.Length];
        frame[0] = first;
        frame[1] = 0xFE;
        int header = 8;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
            header = 6;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        payload.CopyTo(frame.AsSpan(header));
        return SendAsync(frame.AsMemory(0, header + payload.Length));
    }

    /// <summary>An HTTP answer's head; what follows stays unread.</summary>
    public async Task<string> ReadHeadAsync()
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            byte[]? next = await ReadAsync(1);
            if (next is null)
            {
                break;
            }

            head.Append((char)next[0]);
        }

        return head.ToString();
    }

    /// <summary>The next frame that is no ping; null when the node has closed the connection. Pings alone do not make the wait longer.</summary>
    public async Task<CarFrame?> ReadFrameAsync(bool skipPings = true)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            if (await ReadAsync(2) is not { } header)
            {
                return null;
            }

            int length = header[1];
            length = length switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian((await ReadAsync(2))!),
                127 => (int)BinaryPrimitives.ReadUInt64BigEndian((await ReadAsync(8))!),
                _ => length,
            };
            CarFrame frame = new(header[0], (await ReadAsync(length))!);
            if (!skipPings || frame.First != 0x89)
            {
                return frame;
            }
        }

        throw new TimeoutException($"Nothing but pings came within {Patience.TotalSeconds} s.");
    }

    /// <summary>Everything up to the node's close frame or the end of the connection.</summary>
    public async Task<(IReadOnlyList<CarFrame> Before, int? Code)> ReadToCloseAsync()
    {
        List<CarFrame> frames = [];
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.First == 0x88)
            {
                return (frames, frame.Payload.Length == 0 ? null : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload));
            }

            frames.Add(frame);
        }

        return (frames, null);
    }

    /// <summary>Just the next bytes, whatever they are.</summary>
    public async Task<byte[]> ReadBytesAsync(int count) => await ReadAsync(count) ?? throw new EndOfStreamException();

    /// <summary>True once the node has ended the TCP connection.</summary>
    public async Task<bool> IsCutAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer).WaitAsync(Patience) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: as good an end.
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count)
        {
            int got;
            try
            {
                got = await _socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Patience);
            }
            catch (SocketException)
            {
                return null;
            }

            if (got == 0)
            {
                return null;
            }

            read += got;
        }

        return bytes;
    }
}

internal sealed record CarFrame(byte First, byte[] Payload)
{
    public JsonObject? Json => First == 0x81 ? JsonNode.Parse(Payload)!.AsObject() : null;
}
