using PushPlatform.Delivery.Rabbit;
using PushPlatform.Delivery.Redis;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Pools;

/// <summary>What a pool gets that says nothing else.</summary>
internal sealed record InstallationDefaults(string NodeImage, ServerAddress Redis, ServerAddress RabbitMq)
{
    public const string Image = "push-platform/push-node:0.1.0";

    /// <summary>Variables of the operator's own that its nodes get as well: where telemetry goes, and how logs look.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Where this operator answers questions about cars; null = nowhere.</summary>
    public string? InquiryAddress { get; init; }
}

/// <summary>A server's address: in so many words, or in a Secret of the pool's namespace.</summary>
internal sealed record ServerAddress
{
    private ServerAddress(string? text, V1KeySelector? secret) => (Text, Secret) = (text, secret);

    public string? Text { get; }

    public V1KeySelector? Secret { get; }

    /// <summary>A password in a Deployment is a password for everybody who may read Deployments.</summary>
    public bool ShowsPassword => Text is { } text && (RedisAddress.HoldsPassword(text) || RabbitAddress.HoldsPassword(text));

    public static ServerAddress Plain(string text) => new(text, null);

    public static ServerAddress InSecret(string name, string key) => new(null, new V1KeySelector { Name = name, Key = key });

    public V1EnvVar ToEnv(string name) => new()
    {
        Name = name,
        Value = Text,
        ValueFrom = Secret is null ? null : new V1EnvVarSource { SecretKeyRef = Secret },
    };
}
