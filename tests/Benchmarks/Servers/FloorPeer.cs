using System.Net;
using PushPlatform.Benchmarks.Machine;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>A bare <c>send</c> a connection, in C with epoll: what the kernel alone costs. It neither pings nor keeps anything of a connection.</summary>
internal sealed class FloorPeer(NativeProgram program, IPEndPoint endPoint) : PushServer
{
    public const string Label = "C, epoll, bare send";

    public override string Name => Label;

    public override IPEndPoint EndPoint => endPoint;

    public override int ProcessId => program.Id;

    public static PushServer Start(string program)
    {
        IPEndPoint endPoint = FreeEndPoint();
        return new FloorPeer(NativeProgram.Start(program, $"{endPoint.Port}"), endPoint);
    }

    public override Task PublishAsync(string text) => program.TellAsync(text);

    public override ValueTask DisposeAsync() => program.DisposeAsync();
}
