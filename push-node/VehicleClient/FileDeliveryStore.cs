using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.VehicleClient;

/// <summary>
/// Keeps records in a file of JSON lines. Appending writes one line and waits for the disk; replacing writes a new file beside it, waits for the disk and renames.
/// A line that a crash cut off is ignored. One process uses a file at a time.
/// </summary>
public sealed class FileDeliveryStore : IDeliveryStore
{
    private const byte NewLine = (byte)'\n';

    private readonly string _path;

    /// <param name="path">The file; it and its directory are made when they are not there.</param>
    public FileDeliveryStore(string path)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
    }

    public async ValueTask<IReadOnlyList<DeliveryRecord>> LoadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        List<DeliveryRecord> records = [];
        foreach (string line in await File.ReadAllLinesAsync(_path, cancellationToken).ConfigureAwait(false))
        {
            if (TryParse(line) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    public async ValueTask AppendAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        FileStream file = new(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        await using (file.ConfigureAwait(false))
        {
            MemoryStream line = new();
            if (await EndsInsideLineAsync(file, cancellationToken).ConfigureAwait(false))
            {
                line.WriteByte(NewLine);
            }

            Write(line, record);
            file.Seek(0, SeekOrigin.End);
            await file.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }

    public async ValueTask ReplaceAsync(IReadOnlyList<DeliveryRecord> records, CancellationToken cancellationToken)
    {
        string next = _path + ".new";
        FileStream file = new(next, FileMode.Create, FileAccess.Write, FileShare.None);
        await using (file.ConfigureAwait(false))
        {
            MemoryStream lines = new();
            foreach (DeliveryRecord record in records)
            {
                Write(lines, record);
            }

            await file.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
    }

    private static async ValueTask<bool> EndsInsideLineAsync(FileStream file, CancellationToken cancellationToken)
    {
        if (file.Length == 0)
        {
            return false;
        }

        byte[] last = new byte[1];
        file.Seek(-1, SeekOrigin.End);
        await file.ReadExactlyAsync(last, cancellationToken).ConfigureAwait(false);
        return last[0] != NewLine;
    }

    private static void Write(MemoryStream to, DeliveryRecord record)
    {
        JsonSerializer.Serialize(to, record, DeliveryRecordJson.Default.DeliveryRecord);
        to.WriteByte(NewLine);
    }

    private static DeliveryRecord? TryParse(string line)
    {
        try
        {
            DeliveryRecord? record = JsonSerializer.Deserialize(line, DeliveryRecordJson.Default.DeliveryRecord);
            return record is not null && ProtocolRules.IsDelivery(record.Delivery) ? record : null;
        }
        catch (JsonException)
        {
            // A crash cut this line off, so its record was never promised to anybody.
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(DeliveryRecord))]
internal sealed partial class DeliveryRecordJson : JsonSerializerContext;
