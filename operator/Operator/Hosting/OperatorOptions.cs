using PushPlatform.Delivery.Rabbit;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Inquiry;
using PushPlatform.Operator.Pools;

namespace PushPlatform.Operator.Hosting;

/// <summary>What the operator is told by its environment.</summary>
internal sealed record OperatorOptions
{
    public required string Redis { get; init; }

    public required string RabbitMq { get; init; }

    /// <summary>The namespace to watch; null = all.</summary>
    public string? Namespace { get; init; }

    public required string BindAddress { get; init; }

    public required int HealthPort { get; init; }

    /// <summary>Where people's questions about cars are answered; null = nowhere.</summary>
    public int? InquiryPort { get; init; }

    /// <summary>The Service that leads there, <c>namespace/name:port</c>; null = none.</summary>
    public string? InquiryService { get; init; }

    /// <summary>Where the lease lives; null = the Pod's or the kubeconfig's.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>What pools get that say nothing else.</summary>
    public required InstallationDefaults Nodes { get; init; }

    /// <summary>Where lists of vids may be fetched from.</summary>
    public ListUrls ListUrls { get; init; } = ListUrls.None;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    public TelemetrySettings Telemetry { get; init; } = TelemetrySettings.Off;

    /// <summary>Reads the environment; adds a sentence to <paramref name="faults"/> for each thing that is wrong, all at once.</summary>
    /// <returns>Null when anything is wrong.</returns>
    /// <param name="isTerminal">Whether stdout is one.</param>
    public static OperatorOptions? Read(Func<string, string?> environment, List<string> faults, bool isTerminal = false)
    {
        string? Text(string name) => environment(name) is { Length: > 0 } text ? text : null;
        string Required(string name, string what)
        {
            if (Text(name) is { } text)
            {
                return text;
            }
            faults.Add($"{name} is missing: {what}");
            return "";
        }

        string redis = Required(OperatorEnvironment.Redis, $"{RedisAddress.Form} of Redis");
        string rabbit = Required(OperatorEnvironment.RabbitMq, "an amqp:// or amqps:// URI of RabbitMQ");
        CheckAddress(OperatorEnvironment.Redis, redis, RedisAddress.Fault, faults);
        CheckAddress(OperatorEnvironment.RabbitMq, rabbit, RabbitAddress.Fault, faults);
        CheckAddress(OperatorEnvironment.NodeRedis, Text(OperatorEnvironment.NodeRedis), RedisAddress.Fault, faults);
        CheckAddress(OperatorEnvironment.NodeRabbitMq, Text(OperatorEnvironment.NodeRabbitMq), RabbitAddress.Fault, faults);
        string bind = Text(OperatorEnvironment.BindAddress) ?? "0.0.0.0";
        if (!System.Net.IPAddress.TryParse(bind, out _))
        {
            faults.Add($"{OperatorEnvironment.BindAddress} is no IP address: '{bind}'");
        }
        int port = Port(OperatorEnvironment.HealthPort, Text(OperatorEnvironment.HealthPort) ?? "8081", faults);
        int? inquiryPort = Text(OperatorEnvironment.InquiryPort) is { } inquiries ? Port(OperatorEnvironment.InquiryPort, inquiries, faults) : null;
        CheckAddress(OperatorEnvironment.InquiryService, Text(OperatorEnvironment.InquiryService), InquiryAddress.Fault, faults);
        var nodes = new InstallationDefaults(
            Text(OperatorEnvironment.NodeImage) ?? InstallationDefaults.Image,
            Server(OperatorEnvironment.NodeRedis, OperatorEnvironment.NodeRedisSecret, redis, environment, faults),
            Server(OperatorEnvironment.NodeRabbitMq, OperatorEnvironment.NodeRabbitMqSecret, rabbit, environment, faults))
        {
            InquiryAddress = System.Net.IPAddress.TryParse(bind, out System.Net.IPAddress? address) ? InquiryAddress.Of(Text(OperatorEnvironment.InquiryService), address, inquiryPort) : null,
            Environment = [.. TelemetrySettings.Shared.Append(PushLogging.FormatVariable).Where(name => Text(name) is not null).Select(name => KeyValuePair.Create(name, Text(name)!))],
        };
        var listUrls = ListUrls.Read(OperatorEnvironment.ListUrls, Text(OperatorEnvironment.ListUrls), faults);
        LogFormat logFormat = PushLogging.ReadFormat(environment, isTerminal, faults);
        TelemetrySettings telemetry = TelemetrySettings.Read(environment, faults);
        return faults.Count > 0 ? null : new OperatorOptions
        {
            Redis = redis,
            RabbitMq = rabbit,
            Namespace = Text(OperatorEnvironment.Namespace),
            BindAddress = bind,
            HealthPort = port,
            InquiryPort = inquiryPort,
            InquiryService = Text(OperatorEnvironment.InquiryService),
            PodNamespace = Text(OperatorEnvironment.PodNamespace),
            Nodes = nodes,
            ListUrls = listUrls,
            LogFormat = logFormat,
            Telemetry = telemetry,
        };
    }

    private static int Port(string name, string text, List<string> faults)
    {
        if (!ushort.TryParse(text, out ushort port) || port == 0)
        {
            faults.Add($"{name} is no port (1 to 65535): '{text}'");
        }
        return port;
    }

    private static ServerAddress Server(string plain, string secret, string own, Func<string, string?> environment, List<string> faults)
    {
        if (environment(secret) is { Length: > 0 } reference)
        {
            if (reference.Split('/') is [{ Length: > 0 } name, { Length: > 0 } key])
            {
                return ServerAddress.InSecret(name, key);
            }
            faults.Add($"{secret} is written <secret>/<key>, not '{reference}'");
        }
        return ServerAddress.Plain(environment(plain) is { Length: > 0 } address ? address : own);
    }

    // An address may hold a password: it is not repeated.
    private static void CheckAddress(string name, string? address, Func<string, string?> judge, List<string> faults)
    {
        if (!string.IsNullOrEmpty(address) && judge(address) is { } fault)
        {
            faults.Add($"{name}: {fault}");
        }
    }
}

/// <summary>The names of the environment variables.</summary>
internal static class OperatorEnvironment
{
    public const string Redis = "PUSH_OPERATOR_REDIS";
    public const string RabbitMq = "PUSH_OPERATOR_RABBITMQ";
    public const string Namespace = "PUSH_OPERATOR_NAMESPACE";
    public const string BindAddress = "PUSH_OPERATOR_BIND_ADDRESS";
    public const string HealthPort = "PUSH_OPERATOR_HEALTH_PORT";
    public const string PodNamespace = "POD_NAMESPACE";

    /// <summary>Where questions about cars are answered, and the Service <c>namespace/name:port</c> that leads there.</summary>
    public const string InquiryPort = "PUSH_OPERATOR_INQUIRY_PORT";
    public const string InquiryService = "PUSH_OPERATOR_INQUIRY_SERVICE";

    /// <summary>Addresses below which campaigns may have lists of vids fetched, with spaces between them; none = nowhere.</summary>
    public const string ListUrls = "PUSH_OPERATOR_LIST_URLS";

    /// <summary>Image of push nodes.</summary>
    public const string NodeImage = "PUSH_OPERATOR_NODE_IMAGE";

    /// <summary>Addresses as nodes reach them, where they differ from the operator's own.</summary>
    public const string NodeRedis = "PUSH_OPERATOR_NODE_REDIS";
    public const string NodeRabbitMq = "PUSH_OPERATOR_NODE_RABBITMQ";

    /// <summary><c>secret/key</c> in the pool's namespace, for addresses that hold a password.</summary>
    public const string NodeRedisSecret = "PUSH_OPERATOR_NODE_REDIS_SECRET";
    public const string NodeRabbitMqSecret = "PUSH_OPERATOR_NODE_RABBITMQ_SECRET";
}
