namespace PushPlatform.Delivery;

/// <summary>The environment variables through which a PushPool's settings reach its nodes: written by the operator, read by the node.</summary>
public static class NodeEnvironment
{
    /// <summary>The pool, <c>namespace/name</c>. Required.</summary>
    public const string Pool = "PUSH_NODE_POOL";

    /// <summary>The pod's name; with a boot nonce it is the node's identity. Default: the host's name.</summary>
    public const string Name = "PUSH_NODE_NAME";

    /// <summary>Redis: <c>host:port[,host:port][,password=…][,ssl=true]</c>. Required.</summary>
    public const string Redis = "PUSH_NODE_REDIS";

    /// <summary>RabbitMQ: an <c>amqp://</c> or <c>amqps://</c> URI. Required.</summary>
    public const string RabbitMq = "PUSH_NODE_RABBITMQ";

    /// <summary>IP address to listen on. Default: any.</summary>
    public const string BindAddress = "PUSH_NODE_BIND_ADDRESS";

    /// <summary>Port for vehicles. Default 8080.</summary>
    public const string VehiclePort = "PUSH_NODE_VEHICLE_PORT";

    /// <summary>Port for <c>/healthz /readyz /metrics</c>. Default 8081.</summary>
    public const string HealthPort = "PUSH_NODE_HEALTH_PORT";

    /// <summary><c>None</c> or <c>Token</c>. Required: nobody gets in by omission (G11).</summary>
    public const string Auth = "PUSH_NODE_AUTH";

    /// <summary>File of the keys (JWKS) that tokens are verified with; re-read on change. Required with <c>Token</c>.</summary>
    public const string AuthKeysFile = "PUSH_NODE_AUTH_KEYS_FILE";

    /// <summary><c>Single</c> or <c>PerDevice</c> (<see cref="SessionMode"/>). Default <c>Single</c>.</summary>
    public const string Sessions = "PUSH_NODE_SESSIONS";

    /// <summary>Folder of <c>tls.crt</c> and <c>tls.key</c> (PEM; re-read on change) with which the vehicle port speaks TLS. Default: it does not.</summary>
    public const string TlsFolder = "PUSH_NODE_TLS_FOLDER";

    /// <summary>Names of the roles that connections may have, with commas between; at most 16. Default: none.</summary>
    public const string Roles = "PUSH_NODE_ROLES";

    /// <summary>Seconds between pings. Default 5.</summary>
    public const string HeartbeatIntervalSeconds = "PUSH_NODE_HEARTBEAT_INTERVAL_SECONDS";

    /// <summary>Seconds that a ping may stay unanswered. Default 10.</summary>
    public const string HeartbeatTimeoutSeconds = "PUSH_NODE_HEARTBEAT_TIMEOUT_SECONDS";

    /// <summary>Handshakes admitted a second. Default 2000.</summary>
    public const string HandshakesPerSecond = "PUSH_NODE_HANDSHAKES_PER_SECOND";

    /// <summary>Seconds over which a stopping node sends its vehicles away. Default 60.</summary>
    public const string DrainSeconds = "PUSH_NODE_DRAIN_SECONDS";
}
