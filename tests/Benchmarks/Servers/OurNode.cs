using System.Net;
using System.Text;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Delivery;
using PushPlatform.LocalCluster.Processes;
using RabbitMQ.Client;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>Our push node as it is shipped: its own process, on a real Redis and RabbitMQ.</summary>
/// <remarks>
/// What is published is a direct message to all cars (PROTOCOL.md §7): it comes over RabbitMQ and takes the way of every frame to a car, that of a campaign's
/// notice too. Unlike a notice it needs neither lease nor claim, so that what is compared with other servers is the sending.
/// </remarks>
internal sealed class OurNode : PushServer
{
    public const string Label = "push node";

    private const string Id = "m";

    private readonly ChildProcess _process;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly PoolName _pool;

    private OurNode(ChildProcess process, IPEndPoint endPoint, IPEndPoint health, PoolName pool, IConnection connection, IChannel channel)
    {
        (_process, EndPoint, _pool, _connection, _channel) = (process, endPoint, pool, connection, channel);
        Metrics = new MetricsPage(health);
    }

    public override string Name => Label;

    public override Dialect Dialect => Dialect.Push;

    public override string Path => "/ws?vid=%s";

    public override IPEndPoint EndPoint { get; }

    public override int ProcessId => _process.Id;

    public override int Envelope => $$"""{"type":"message","id":"{{Id}}","payload":""}""".Length;

    public MetricsPage Metrics { get; }

    /// <param name="name">The pod's.</param>
    /// <param name="folder">For its log.</param>
    /// <param name="group">What its memory is limited by; null: by nothing.</param>
    public static async Task<OurNode> StartAsync(BackEnd servers, PoolName pool, string name, string folder, int pingSeconds, MemoryGroup? group)
    {
        string[] assembly = [Build.Assembly("push-node/PushNode", "PushPlatform.PushNode")];
        (string program, IReadOnlyList<string> arguments) = group?.Within("dotnet", assembly) ?? ("dotnet", assembly);
        IPEndPoint vehicles = FreeEndPoint();
        IPEndPoint health = FreeEndPoint();
        ChildProcess process = await StartAsync(
            new ChildProcessSpec(
                program, arguments, System.IO.Path.Combine(folder, $"{name}-{vehicles.Port}.log"),
                new Dictionary<string, string?>
                {
                    [NodeEnvironment.Pool] = pool.ToString(),
                    [NodeEnvironment.Name] = name,
                    [NodeEnvironment.Redis] = servers.Redis.ConnectionString,
                    [NodeEnvironment.RabbitMq] = servers.Rabbit.Uri,
                    [NodeEnvironment.BindAddress] = IPAddress.Loopback.ToString(),
                    [NodeEnvironment.VehiclePort] = $"{vehicles.Port}",
                    [NodeEnvironment.HealthPort] = $"{health.Port}",
                    [NodeEnvironment.Auth] = "None",
                    [NodeEnvironment.HeartbeatIntervalSeconds] = $"{(pingSeconds > 0 ? pingSeconds : 3600)}",
                    [NodeEnvironment.HeartbeatTimeoutSeconds] = $"{(pingSeconds > 0 ? 10 : 3600)}",
                }),
            health);
        IConnection connection = await new ConnectionFactory { Uri = new Uri(servers.Rabbit.Uri), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        OurNode node = new(process, vehicles, health, pool, connection, await connection.CreateChannelAsync());
        await node.Metrics.UntilReadyAsync();
        return node;
    }

    public override Task PublishAsync(string text) => SayAsync($$"""{"id":"{{Id}}","to":{"all":true},"payload":"{{text}}"}""");

    /// <summary>A direct message, as a service publishes it.</summary>
    public async Task SayAsync(string body) => await _channel.BasicPublishAsync(
        $"push.{_pool.Namespace}.{_pool.Name}.messages", "", mandatory: false,
        new BasicProperties { ContentType = "application/json" }, Encoding.UTF8.GetBytes(body));

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    public override async ValueTask DisposeAsync()
    {
        Metrics.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _process.DisposeAsync();
    }
}
