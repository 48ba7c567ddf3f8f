using System.Text;
using Microsoft.Win32.SafeHandles;
using PushPlatform.Delivery;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>
/// A set of vids and units of any size in <see cref="Parts"/> parts, each a part of one shard. What comes in is kept in a block of 4 KiB for each part; full
/// blocks go to a file, so memory stays the same however long the lists are, and one part at a time is read back. A small set never sees the disk.
/// </summary>
/// <remarks>The file has no name from the moment it is made: nothing of it is left behind, whatever becomes of this process.</remarks>
internal sealed class VidSpool(ListSpace space) : IDisposable
{
    public const int PartsPerShard = 16;
    public const int Parts = Shards.Count * PartsPerShard;

    private const int BlockBytes = 4096;

    private readonly Part[] _parts = [.. Enumerable.Range(0, Parts).Select(_ => new Part())];
    private SafeFileHandle? _file;
    private long _fileLength;

    /// <summary>How many were added, repetitions included.</summary>
    public long Lines { get; private set; }

    public bool IsOnDisk => _file is not null;

    /// <summary>Never changes for a unit: a freeze that another process goes on with works on the same parts.</summary>
    public static int PartOf(string unit) => (Shards.Of(unit) * PartsPerShard) + Shards.BucketOf(unit, PartsPerShard);

    public static int ShardOf(int part) => part / PartsPerShard;

    /// <param name="unit">ASCII, one line.</param>
    /// <exception cref="IOException">The disk is full, or <see cref="ListSpace"/> has no room.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no writing to the temporary folder.</exception>
    public void Add(string unit)
    {
        Part part = _parts[PartOf(unit)];
        if (part.Length + unit.Length + 1 > BlockBytes)
        {
            Flush(part);
        }
        part.Block ??= new byte[BlockBytes];
        part.Length += Encoding.ASCII.GetBytes(unit, part.Block.AsSpan(part.Length));
        part.Block[part.Length++] = (byte)'\n';
        Lines++;
    }

    /// <summary>Nothing more comes: a set that is on disk gives its memory back, a small one what it does not need of it.</summary>
    /// <exception cref="IOException">As for <see cref="Add"/>.</exception>
    public void Seal()
    {
        foreach (Part part in _parts.Where(part => part.Length > 0))
        {
            if (IsOnDisk)
            {
                Flush(part);
                part.Block = null;
            }
            else
            {
                part.Block = part.Block!.AsSpan(0, part.Length).ToArray();
            }
        }
    }

    /// <summary>The units of a part, each once. A part is 1/256 of the set.</summary>
    public IReadOnlyCollection<string> Read(int part)
    {
        HashSet<string> units = [];
        byte[] buffer = new byte[BlockBytes];
        foreach ((long at, int length) in _parts[part].Flushed)
        {
            ReadFully(buffer.AsSpan(0, length), at);
            Split(buffer.AsSpan(0, length), units);
        }
        Split(_parts[part].Block.AsSpan(0, _parts[part].Length), units);
        return units;
    }

    public void Dispose()
    {
        _file?.Dispose();
        space.GiveBack(_fileLength);
        _fileLength = 0;
    }

    private static void Split(ReadOnlySpan<byte> block, HashSet<string> units)
    {
        for (int end = block.IndexOf((byte)'\n'); end >= 0; end = block.IndexOf((byte)'\n'))
        {
            units.Add(Encoding.ASCII.GetString(block[..end]));
            block = block[(end + 1)..];
        }
    }

    private void Flush(Part part)
    {
        _file ??= NamelessFile();
        space.Take(part.Length);
        RandomAccess.Write(_file, part.Block.AsSpan(0, part.Length), _fileLength);
        part.Flushed.Add((_fileLength, part.Length));
        _fileLength += part.Length;
        part.Length = 0;
    }

    private void ReadFully(Span<byte> buffer, long at)
    {
        for (int read = 0; read < buffer.Length;)
        {
            int more = RandomAccess.Read(_file!, buffer[read..], at + read);
            read += more > 0 ? more : throw new EndOfStreamException("a list on disk is shorter than it was written");
        }
    }

    private static SafeFileHandle NamelessFile()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return file;
    }

    private sealed class Part
    {
        public List<(long At, int Length)> Flushed { get; } = [];

        public byte[]? Block { get; set; }

        public int Length { get; set; }
    }
}

/// <summary>
/// The disk that the lists of all waiting campaigns may take. Full: the list that finds no room is not read, its campaign says so and tries again; those that
/// have theirs go on.
/// </summary>
/// <param name="bytes">The most.</param>
internal sealed class ListSpace(long bytes = ListSpace.DefaultBytes)
{
    public const long DefaultBytes = 1L << 30;

    private long _taken;

    /// <exception cref="IOException">There is no room.</exception>
    public void Take(int count)
    {
        if (Interlocked.Add(ref _taken, count) > bytes)
        {
            GiveBack(count);
            throw new IOException($"the lists of all waiting campaigns together take more than {bytes >> 20} MiB");
        }
    }

    public void GiveBack(long count) => Interlocked.Add(ref _taken, -count);
}
