using System.Buffers;

namespace PushPlatform.Tests.Unit.Fuzz;

/// <summary>The same bytes in random segments, as a transport gives them.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory) => Memory = memory;

    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, Random random)
    {
        Pieces first = new(bytes[..random.Next(bytes.Length + 1)]);
        Pieces last = first;
        for (int at = first.Memory.Length; at < bytes.Length;)
        {
            int length = random.Next(1, Math.Min(bytes.Length - at, 64) + 1);
            Pieces next = new(bytes.Slice(at, length)) { RunningIndex = at };
            last.Next = next;
            last = next;
            at += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}

/// <summary>Gives bytes in random pieces and then ends; swallows what is written.</summary>
internal sealed class InPieces(byte[] bytes, Random random) : MemoryStream(bytes, writable: false)
{
    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, random.Next(1, 200))]));

    public override void Write(byte[] buffer, int offset, int count)
    {
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}
