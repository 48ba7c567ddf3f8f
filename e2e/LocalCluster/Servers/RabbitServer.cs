using System.Net.Sockets;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>
/// One RabbitMQ broker with its own node name, Erlang cookie, port mapper and data folder, so that any number of them and a system
/// broker live side by side. Ready in about 5–10 s.
/// </summary>
public sealed class RabbitServer : LocalServer
{
    // The package's wrapper in /usr/sbin changes to the user rabbitmq, who may not read our folder.
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly int _distributionPort = FreePort.Next();
    private readonly int _portMapperPort = FreePort.Next();
    private ChildProcess? _portMapper;

    private RabbitServer()
        : base("rabbit")
    {
        Port = FreePort.Next();
    }

    public int Port { get; }

    /// <summary><c>amqp://guest:guest@127.0.0.1:port/</c></summary>
    public string Uri => $"amqp://guest:guest@127.0.0.1:{Port}/";

    private protected override TimeSpan StartTimeout => TimeSpan.FromSeconds(90);

    public static Task<RabbitServer> StartAsync(CancellationToken cancellation = default) =>
        StartOrDisposeAsync(new RabbitServer(), cancellation);

    private protected override async Task PrepareAsync()
    {
        string cookie = Path.Combine(Folder, ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            await File.WriteAllTextAsync(cookie, Guid.NewGuid().ToString("N"));
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await File.WriteAllTextAsync(Path.Combine(Folder, "enabled_plugins"), "[].");
            await File.WriteAllTextAsync(Path.Combine(Folder, "rabbitmq.conf"), "listeners.tcp.default = 127.0.0.1:" + Port + "\ndisk_free_limit.absolute = 50MB\n");
        }
        // Erlang would start a port mapper as a daemon that outlives the broker; one of our own dies with us.
        if (_portMapper is null or { HasExited: true })
        {
            _portMapper = await ChildProcess.StartAsync(new ChildProcessSpec(
                "epmd", ["-port", $"{_portMapperPort}", "-address", "127.0.0.1"], Path.Combine(Folder, "epmd.log"), ErlangEnvironment()));
        }
    }

    private protected override ChildProcessSpec Describe() => new(Program, [], LogPath, ErlangEnvironment(), Folder);

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Port, cancellation);
        await socket.SendAsync("AMQP\0\0\t\u0001"u8.ToArray(), cancellation);
        byte[] start = new byte[8];
        // The first frame of AMQP 0-9-1 is Connection.Start, a method frame (type 1).
        return await socket.ReceiveAsync(start, cancellation) > 0 && start[0] == 1;
    }

    private protected override async ValueTask CleanUpAsync()
    {
        if (_portMapper is not null)
        {
            await _portMapper.DisposeAsync();
        }
    }

    private Dictionary<string, string?> ErlangEnvironment() => new()
    {
        ["HOME"] = Folder,
        ["ERL_EPMD_PORT"] = $"{_portMapperPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = $"push{Port}@localhost",
        ["RABBITMQ_NODE_PORT"] = $"{Port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "enabled_plugins"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(Folder, "rabbit.pid"),
        // Makes the start script exec the Erlang VM instead of staying between it and us; signals then reach the broker itself.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        // Two schedulers do: test brokers share small machines.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2",
    };
}
