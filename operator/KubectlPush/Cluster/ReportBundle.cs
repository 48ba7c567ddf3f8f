using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace PushPlatform.KubectlPush.Cluster;

/// <summary>A .tar.gz that is written file by file: one of them is in memory at a time.</summary>
internal sealed class ReportBundle : IAsyncDisposable
{
    private readonly GZipStream _zip;
    private readonly TarWriter _tar;
    private readonly DateTimeOffset _now;

    public ReportBundle(Stream stream, DateTimeOffset now)
    {
        _zip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        _tar = new TarWriter(_zip, leaveOpen: true);
        _now = now;
    }

    public int Entries { get; private set; }

    public async Task AddAsync(string name, string text, CancellationToken cancellationToken)
    {
        using MemoryStream content = new(Encoding.UTF8.GetBytes(text));
        await _tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"push-report/{name}") { DataStream = content, ModificationTime = _now }, cancellationToken);
        Entries++;
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        await _zip.DisposeAsync();
    }
}
