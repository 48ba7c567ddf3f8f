using System.Text.Json.Serialization;
using PushPlatform.Delivery;

namespace PushPlatform.Operator.Api;

/// <summary>A set of push nodes that cars connect to. Defaults here equal those of <c>crds/pushpools.yaml</c>.</summary>
public sealed record PushPoolSpec
{
    /// <summary>Push nodes to run; neither read nor written while <see cref="Autoscale"/> is given.</summary>
    public int Replicas { get; set; } = 2;

    /// <summary>Follows the connections instead of <see cref="Replicas"/>; <see langword="null"/> = no.</summary>
    public Autoscale? Autoscale { get; init; }

    /// <summary>What differs from the installation's push node pod.</summary>
    public PodOverrides Template { get; set; } = new();

    /// <summary>How cars reach the nodes.</summary>
    public ServiceOptions Service { get; set; } = new();

    /// <summary>Who may connect. Has no default: an open pool is a decision.</summary>
    [JsonRequired]
    public PoolAuth Auth { get; set; } = null!; // JSON without it is refused; code that leaves it out fails validation, never open

    /// <summary>What has one connection, is sent to and is counted: a car, or each device of it. Cannot be changed.</summary>
    public SessionMode Sessions { get; set; } = SessionMode.Single;

    /// <summary>TLS on the nodes' own port; <see langword="null"/> = none there, whatever stands in front may have it.</summary>
    public PoolTls? Tls { get; init; }

    /// <summary>Roles that connections may have; <see langword="null"/> = none, cars connect without one.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>How soon a dead link is noticed.</summary>
    public Heartbeat Heartbeat { get; set; } = new();

    /// <summary>New connections that one node accepts per second; the rest are told to come back.</summary>
    public int HandshakesPerSecond { get; set; } = 2000;

    /// <summary>Seconds over which a node that stops sends its cars away.</summary>
    public int DrainSeconds { get; set; } = 60;

    /// <summary>Where the Redis address is kept; <see langword="null"/> = the installation's.</summary>
    public ServerSecretReference? RedisSecretRef { get; init; }

    /// <summary>Where the RabbitMQ address is kept; <see langword="null"/> = the installation's.</summary>
    public ServerSecretReference? RabbitmqSecretRef { get; init; }
}

/// <summary>As many nodes as the pool's connections need.</summary>
public sealed record Autoscale
{
    /// <summary>Nodes that always run.</summary>
    public int MinReplicas { get; set; } = 2;

    /// <summary>Nodes at most.</summary>
    public required int MaxReplicas { get; init; }

    /// <summary>Connections that one node should hold.</summary>
    public required int ConnectionsPerPod { get; init; }

    /// <summary>Seconds for which fewer nodes must have been enough before any is drained.</summary>
    public int ScaleDownAfterSeconds { get; set; } = 300;
}

/// <summary>How cars reach the nodes of a pool.</summary>
public sealed record ServiceOptions
{
    /// <summary>Kind of Service.</summary>
    public ServiceType Type { get; set; } = ServiceType.ClusterIP;

    /// <summary>Port of the Service.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>For the load balancer or ingress in front.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>Kind of Service.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServiceType>))]
public enum ServiceType
{
    ClusterIP,
    NodePort,
    LoadBalancer,
}

/// <summary>Who may connect.</summary>
public sealed record PoolAuth
{
    /// <summary>What a car must show.</summary>
    public required AuthType Type { get; init; }

    /// <summary>Given exactly when <see cref="Type"/> is <see cref="AuthType.Token"/>.</summary>
    public TokenAuth? Token { get; init; }
}

/// <summary>What a car must show.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuthType>))]
public enum AuthType
{
    /// <summary>Nothing: whoever reaches the port is who they say they are. For trials.</summary>
    None,

    /// <summary>A signed token (RFC 7519) whose subject is the vid.</summary>
    Token,
}

/// <summary>How tokens are checked.</summary>
public sealed record TokenAuth
{
    /// <summary>The keys that tokens may be signed with: HS256, RS256 or ES256, as a JSON Web Key Set (RFC 7517). Re-read on change.</summary>
    public required KeySetReference KeysSecretRef { get; init; }
}

/// <summary>TLS on the nodes' own port.</summary>
public sealed record PoolTls
{
    /// <summary>Name of a Secret of type kubernetes.io/tls, in the namespace of the pool. Re-read on change.</summary>
    public required string SecretName { get; init; }
}

/// <summary>A key of a Secret that holds a JSON Web Key Set.</summary>
public sealed record KeySetReference
{
    /// <summary>Name of the Secret, in the namespace of the pool.</summary>
    public required string Name { get; init; }

    /// <summary>Key in its data.</summary>
    public string Key { get; set; } = "keys.json";
}

/// <summary>A key of a Secret that holds a server's address with its credentials.</summary>
public sealed record ServerSecretReference
{
    /// <summary>Name of the Secret, in the namespace of the pool.</summary>
    public required string Name { get; init; }

    /// <summary>Key in its data.</summary>
    public string Key { get; set; } = "url";
}

/// <summary>A car is dead when it has been silent for interval + timeout.</summary>
public sealed record Heartbeat
{
    /// <summary>Seconds between pings.</summary>
    public int IntervalSeconds { get; set; } = 5;

    /// <summary>Seconds to wait for the answer.</summary>
    public int TimeoutSeconds { get; set; } = 10;
}
