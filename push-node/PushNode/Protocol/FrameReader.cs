using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Protocol;

internal enum InboundKind
{
    /// <summary>The input holds no complete frame.</summary>
    Incomplete,

    /// <summary>A fragment was taken in; the message goes on.</summary>
    Fragment,

    /// <summary>A whole text message, valid UTF-8.</summary>
    Text,
    Ping,
    Pong,
    Close,

    /// <summary>The vehicle broke RFC 6455 or a limit: nothing after this can be understood.</summary>
    Fault,
}

/// <summary>What one frame amounted to. The payload lives in the caller's scratch or the reader, until the next read.</summary>
/// <param name="kind">What it is.</param>
/// <param name="payload">Unmasked.</param>
/// <param name="fault">With <see cref="InboundKind.Fault"/>: how the connection must end.</param>
/// <param name="code">With <see cref="InboundKind.Close"/>: the vehicle's close code; null when it gave none.</param>
internal readonly ref struct Inbound(InboundKind kind, ReadOnlySpan<byte> payload = default, CloseReason? fault = null, int? code = null)
{
    public InboundKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public CloseReason? Fault { get; } = fault;

    public int? Code { get; } = code;
}

/// <summary>Reads a vehicle's frames (RFC 6455 §5) and puts fragments together. Holds memory only while a fragmented message is under way.</summary>
internal sealed class FrameReader
{
    /// <summary>Bytes of the longest message from a vehicle.</summary>
    public const int MaxMessage = 4096;

    private byte[]? _fragments;
    private int _gathered;

    /// <summary>Takes at most one frame off the front of <paramref name="input"/>.</summary>
    /// <param name="input">Moved past the frame.</param>
    /// <param name="scratch">At least <see cref="MaxMessage"/> bytes.</param>
    public Inbound Read(ref ReadOnlySequence<byte> input, Span<byte> scratch)
    {
        if (!FrameHeader.TryRead(input, out FrameHeader header, out CloseReason? fault))
        {
            return fault is null ? new Inbound(InboundKind.Incomplete) : Broken(fault);
        }

        if (!header.IsControl && JudgeOrder(header) is { } outOfOrder)
        {
            return Broken(outOfOrder);
        }

        if (input.Length < header.Size + header.Length)
        {
            return new Inbound(InboundKind.Incomplete);
        }

        Span<byte> payload = scratch[..header.Length];
        input.Slice(header.Size, header.Length).CopyTo(payload);
        Unmask(payload, header.Mask);
        input = input.Slice(header.Size + header.Length);
        return header.Opcode switch
        {
            Opcode.Ping => new Inbound(InboundKind.Ping, payload),
            Opcode.Pong => new Inbound(InboundKind.Pong, payload),
            Opcode.Close => ReadClose(payload),
            _ => ReadText(header, payload, scratch),
        };
    }

    /// <summary>Gives back what a message under way holds.</summary>
    public void Release()
    {
        if (_fragments is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
            _fragments = null;
            _gathered = 0;
        }
    }

    private static Inbound Broken(CloseReason fault) => new(InboundKind.Fault, fault: fault);

    private static Inbound ReadClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return new Inbound(InboundKind.Close);
        }

        if (payload.Length == 1)
        {
            return Broken(CloseReason.ProtocolError);
        }

        int code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        bool maySend = code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
        return !maySend ? Broken(CloseReason.ProtocolError)
            : !Utf8.IsValid(payload[2..]) ? Broken(CloseReason.InvalidPayload)
            : new Inbound(InboundKind.Close, code: code);
    }

    private static void Unmask(Span<byte> payload, uint mask)
    {
        ulong wide = ((ulong)mask << 32) | mask;
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (ref ulong word in words)
        {
            word ^= wide;
        }

        Span<byte> maskBytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(maskBytes, mask);
        for (int i = words.Length * sizeof(ulong); i < payload.Length; i++)
        {
            payload[i] ^= maskBytes[i % sizeof(uint)];
        }
    }

    private CloseReason? JudgeOrder(FrameHeader header)
    {
        bool continues = header.Opcode == Opcode.Continuation;
        bool underWay = _fragments is not null;
        return continues != underWay ? CloseReason.ProtocolError
            : _gathered + header.Length > MaxMessage ? CloseReason.TooBig
            : null;
    }

    private Inbound ReadText(FrameHeader header, ReadOnlySpan<byte> payload, Span<byte> scratch)
    {
        if (_fragments is null && header.Final)
        {
            return Utf8.IsValid(payload) ? new Inbound(InboundKind.Text, payload) : Broken(CloseReason.InvalidPayload);
        }

        _fragments ??= ArrayPool<byte>.Shared.Rent(MaxMessage);
        payload.CopyTo(_fragments.AsSpan(_gathered));
        _gathered += payload.Length;
        if (!header.Final)
        {
            return new Inbound(InboundKind.Fragment);
        }

        Span<byte> whole = scratch[.._gathered];
        _fragments.AsSpan(0, _gathered).CopyTo(whole);
        Release();
        return Utf8.IsValid(whole) ? new Inbound(InboundKind.Text, whole) : Broken(CloseReason.InvalidPayload);
    }
}
