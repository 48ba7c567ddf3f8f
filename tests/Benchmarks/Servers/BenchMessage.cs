namespace PushPlatform.Benchmarks.Servers;

/// <summary>The message that every server carries: as a whole it is of the same size for all.</summary>
internal static class BenchMessage
{
    /// <summary>Bytes of the WebSocket message.</summary>
    public const int Size = 256;

    /// <summary>The same with the frame's header (RFC 6455 §5.2).</summary>
    public const int WireSize = Size + 4;

    /// <summary>What is to be published so that the message, with what the server puts around it, has <see cref="Size"/> bytes.</summary>
    public static string TextFor(PushServer server) => new('x', Size - server.Envelope);
}
