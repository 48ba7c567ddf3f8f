using System.Net.Sockets;
using System.Text;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>One <c>redis-server</c>: append-only file with fsync each second, <c>noeviction</c>, on 127.0.0.1.</summary>
public sealed class RedisServer : LocalServer
{
    private readonly bool _clustered;
    private readonly int _busPort;

    private RedisServer(bool clustered)
        : base("redis")
    {
        _clustered = clustered;
        Port = FreePort.Next();
        _busPort = clustered ? FreePort.Next() : 0;
    }

    public int Port { get; }

    /// <summary><c>127.0.0.1:port</c></summary>
    public string ConnectionString => $"127.0.0.1:{Port}";

    internal int BusPort => _busPort;

    public static Task<RedisServer> StartAsync(CancellationToken cancellation = default) =>
        StartOrDisposeAsync(new RedisServer(clustered: false), cancellation);

    internal static Task<RedisServer> StartClusterNodeAsync(CancellationToken cancellation) =>
        StartOrDisposeAsync(new RedisServer(clustered: true), cancellation);

    /// <summary>Sends one command without binary arguments and returns the raw RESP reply, at most 64 KiB of it.</summary>
    internal async Task<string> CommandAsync(string command, CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Port, cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellation);
        byte[] reply = new byte[65_536];
        int length = await socket.ReceiveAsync(reply, cancellation);
        return Encoding.ASCII.GetString(reply, 0, length);
    }

    private protected override ChildProcessSpec Describe()
    {
        List<string> arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Folder, "--appendonly", "yes", "--appendfsync", "everysec",
            "--maxmemory-policy", "noeviction", "--save", "", "--daemonize", "no",
        ];
        if (_clustered)
        {
            arguments.AddRange(["--cluster-enabled", "yes", "--cluster-port", $"{_busPort}", "--cluster-node-timeout", "2000"]);
        }
        return new ChildProcessSpec("redis-server", arguments, LogPath);
    }

    // A server that still loads its append-only file answers PING with -LOADING.
    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation) =>
        (await CommandAsync("PING", cancellation)).StartsWith("+PONG", StringComparison.Ordinal);
}
