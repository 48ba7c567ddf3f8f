using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace PushPlatform.Kubernetes.Client;

/// <summary>The lines of a watch, each one JSON document. Silence for longer than the idle time-out ends it: a half-open connection looks just like a quiet one.</summary>
internal sealed class WatchReader(Stream body, TimeSpan idleTimeout, TimeProvider time) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(body);

    /// <summary>The next line; null when the server ended the watch.</summary>
    /// <exception cref="IOException">The connection broke, fell silent or was cut within a line.</exception>
    public async ValueTask<JsonDocument?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await ReadOrGiveUpAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                var document = IsBlank(line) ? null : Parse(line);
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                if (document is not null)
                {
                    return document;
                }
            }
            else if (read.IsCompleted)
            {
                return IsBlank(buffer) ? null : throw new IOException("the watch was cut in the middle of an event");
            }
            else
            {
                _reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private async ValueTask<ReadResult> ReadOrGiveUpAsync(CancellationToken cancellationToken)
    {
        if (_reader.TryRead(out var ready))
        {
            return ready;
        }

        using var silence = new CancellationTokenSource(idleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await _reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the watch was silent for {idleTimeout.TotalSeconds} s", exception);
        }
    }

    private static JsonDocument Parse(in ReadOnlySequence<byte> line)
    {
        try
        {
            // A copy: the document outlives the pipe's buffer.
            return JsonDocument.Parse(line.ToArray(), EntityReader.Documents);
        }
        catch (JsonException exception)
        {
            throw new IOException("the watch sent a line that is not JSON", exception);
        }
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.IndexOfAnyExcept(" \r\n\t"u8) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
