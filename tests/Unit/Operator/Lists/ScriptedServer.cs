using System.Net;

namespace PushPlatform.Tests.Unit.Operator.Lists;

/// <summary>A web server that answers what a test says.</summary>
internal sealed class ScriptedServer(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public int Requests { get; private set; }

    public static ScriptedServer Giving(byte[] list) => Giving(() => new MemoryStream(list));

    public static ScriptedServer Giving(Func<Stream> list) => new((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(list()) }));

    public static ScriptedServer Saying(HttpStatusCode status) => new((_, _) => Task.FromResult(new HttpResponseMessage(status)));

    /// <summary>It takes the request and never answers.</summary>
    public static ScriptedServer Silent() => new(async (_, cancellationToken) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException("nobody waits that long");
    });

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        return answer(request, cancellationToken);
    }
}

/// <summary>The same line again and again, made as it is read; <paramref name="lines"/> of them. Then it says nothing more, if it is to hang.</summary>
internal sealed class RepeatedLine(string line, long lines, bool thenHangs = false) : Stream
{
    private readonly byte[] _line = System.Text.Encoding.ASCII.GetBytes(line + "\n");
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int given = (int)Math.Min(count, (lines * _line.Length) - _position);
        for (int i = 0; i < given; i++)
        {
            buffer[offset + i] = _line[(_position + i) % _line.Length];
        }
        _position += given;
        return given;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] bytes = new byte[buffer.Length];
        int given = Read(bytes, 0, bytes.Length);
        if (given == 0 && thenHangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        bytes.AsMemory(0, given).CopyTo(buffer);
        return given;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
