using System.Net;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Tls;

namespace PushPlatform.PushNode;

internal enum AuthMode
{
    None,
    Token,
}

/// <summary>A node's settings, as the operator gives them (<see cref="NodeEnvironment"/>).</summary>
internal sealed record NodeOptions
{
    private const int MaxRoles = 16;

    public required PoolName Pool { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Name { get; init; }

    public required string Redis { get; init; }

    public required string RabbitMq { get; init; }

    public IPAddress BindAddress { get; init; } = IPAddress.Any;

    /// <summary>0: any free port.</summary>
    public int VehiclePort { get; init; } = 8080;

    /// <summary>0: any free port.</summary>
    public int HealthPort { get; init; } = 8081;

    public required AuthMode Auth { get; init; }

    /// <summary>Given when <see cref="Auth"/> is <see cref="AuthMode.Token"/>.</summary>
    public string? AuthKeysFile { get; init; }

    /// <summary>What has one connection.</summary>
    public SessionMode Sessions { get; init; }

    /// <summary>Of the certificate; null: the vehicle port speaks no TLS.</summary>
    public string? TlsFolder { get; init; }

    /// <summary>The roles that connections may have; none: only those without a role get in.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public int HandshakesPerSecond { get; init; } = 2000;

    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    public TelemetrySettings Telemetry { get; init; } = TelemetrySettings.Off;

    /// <summary>Reads and judges all settings.</summary>
    /// <param name="environment">Value of a variable; null or empty when it is not set.</param>
    /// <param name="faults">Everything that is wrong, each in a sentence that names the variable; empty when the options may be used.</param>
    /// <param name="isTerminal">Whether stdout is one.</param>
    public static NodeOptions? Read(Func<string, string?> environment, out IReadOnlyList<string> faults, bool isTerminal = false)
    {
        NodeSettings settings = new(environment);
        AuthMode auth = settings.OneOf<AuthMode>(NodeEnvironment.Auth);
        NodeOptions options = new()
        {
            Pool = settings.Parsed(NodeEnvironment.Pool, PoolName.Parse, "<namespace>/<name>"),
            Name = settings.Text(NodeEnvironment.Name) ?? Dns.GetHostName(),
            Redis = settings.ServerAddress(NodeEnvironment.Redis, RedisAddress.Fault),
            RabbitMq = settings.ServerAddress(NodeEnvironment.RabbitMq, RabbitAddress.Fault),
            BindAddress = settings.Address(NodeEnvironment.BindAddress, IPAddress.Any),
            VehiclePort = settings.Number(NodeEnvironment.VehiclePort, 8080, 0, IPEndPoint.MaxPort),
            HealthPort = settings.Number(NodeEnvironment.HealthPort, 8081, 0, IPEndPoint.MaxPort),
            Auth = auth,
            AuthKeysFile = auth == AuthMode.Token ? settings.Required(NodeEnvironment.AuthKeysFile) : null,
            Sessions = settings.OneOf(NodeEnvironment.Sessions, SessionMode.Single),
            TlsFolder = settings.Text(NodeEnvironment.TlsFolder),
            Roles = settings.Names(NodeEnvironment.Roles, VehicleRole.IsValid, MaxRoles),
            HeartbeatInterval = settings.Seconds(NodeEnvironment.HeartbeatIntervalSeconds, 5, 1, 3600),
            HeartbeatTimeout = settings.Seconds(NodeEnvironment.HeartbeatTimeoutSeconds, 10, 1, 3600),
            HandshakesPerSecond = settings.Number(NodeEnvironment.HandshakesPerSecond, 2000, 1, 1_000_000),
            Drain = settings.Seconds(NodeEnvironment.DrainSeconds, 60, 0, 3600),
            LogFormat = PushLogging.ReadFormat(environment, isTerminal, settings.Faults),
            Telemetry = TelemetrySettings.Read(environment, settings.Faults),
        };
        if (options.VehiclePort != 0 && options.VehiclePort == options.HealthPort)
        {
            settings.Faults.Add($"{NodeEnvironment.VehiclePort} and {NodeEnvironment.HealthPort} are both {options.HealthPort}.");
        }

        if (options.AuthKeysFile is { Length: > 0 } file && KeyFile.Inspect(file) is { } fault)
        {
            settings.Faults.Add($"{NodeEnvironment.AuthKeysFile}: {fault}.");
        }

        if (options.TlsFolder is { } folder && CertificateFolder.Inspect(folder) is { } unusable)
        {
            settings.Faults.Add($"{NodeEnvironment.TlsFolder}: {unusable}.");
        }

        faults = settings.Faults;
        return faults.Count == 0 ? options : null;
    }
}
