using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Pools;

/// <summary>The objects that make up a pool. Pure: spec + defaults → what is applied.</summary>
internal static class PoolManifests
{
    /// <summary>The one label that selects a pool's pods; a selector cannot be changed later, so it says no more than that.</summary>
    public const string PoolLabel = "pushplatform.io/pool";

    /// <summary>On each pod, "true" until it is drained: what the Service selects besides the pool.</summary>
    public const string AcceptingLabel = "pushplatform.io/accepting";

    /// <summary>On the Deployment: a <see cref="QuietSpell"/>.</summary>
    public const string QuietAnnotation = "pushplatform.io/fewer-needed-since";

    public const int VehiclePort = 8080;
    public const int HealthPort = 8081;

    private const string VehiclePortName = "vehicles";
    private const string HealthPortName = "health";
    private const string KeysVolume = "token-keys";
    private const string KeysFolder = "/etc/push-node/keys";
    private const string TlsVolume = "tls";
    private const string TlsFolder = "/etc/push-node/tls";
    private const int NonRoot = 10001;

    public static string ObjectName(PushPool pool) => $"push-{pool.Name()}";

    public static Dictionary<string, string> Selector(PushPool pool) => new() { [PoolLabel] = pool.Name() };

    /// <summary>The pods that are not being drained.</summary>
    public static Dictionary<string, string> ServingSelector(PushPool pool) => new() { [PoolLabel] = pool.Name(), [AcceptingLabel] = "true" };

    /// <param name="scale">How many; what else is decided about that is at the pods already.</param>
    public static V1Deployment Deployment(PushPool pool, InstallationDefaults defaults, ScaleDecision scale) => new()
    {
        Metadata = Meta(pool, scale.Spell is { } spell ? new Dictionary<string, string> { [QuietAnnotation] = $"{spell}" } : null),
        Spec = new V1DeploymentSpec
        {
            Replicas = scale.Replicas,
            RevisionHistoryLimit = 5,
            Selector = new V1LabelSelector { MatchLabels = Selector(pool) },
            Strategy = new V1DeploymentStrategy
            {
                Type = "RollingUpdate",
                // Cars of a node that goes need room elsewhere before it does.
                RollingUpdate = new V1RollingUpdateDeployment { MaxUnavailable = 0, MaxSurge = "25%" },
            },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta
                {
                    Labels = Merged(pool.Spec.Template.PodLabels, new(Labels(pool)) { [AcceptingLabel] = "true" }),
                    Annotations = pool.Spec.Template.PodAnnotations is { } annotations ? new(annotations) : null,
                },
                Spec = Pod(pool, defaults),
            },
        },
    };

    public static V1Service Service(PushPool pool) => new()
    {
        Metadata = Meta(pool, pool.Spec.Service.Annotations),
        Spec = new V1ServiceSpec
        {
            Type = pool.Spec.Service.Type.ToString(),
            Selector = ServingSelector(pool),
            Ports = [new V1ServicePort { Name = VehiclePortName, Port = pool.Spec.Service.Port, TargetPort = VehiclePortName, Protocol = "TCP", AppProtocol = pool.Spec.Tls is null ? "kubernetes.io/ws" : "kubernetes.io/wss" }],
        },
    };

    /// <summary>Node drains take one at a time; one that is not ready anyway stands in nobody's way.</summary>
    public static V1PodDisruptionBudget DisruptionBudget(PushPool pool) => new()
    {
        Metadata = Meta(pool, null),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = 1,
            Selector = new V1LabelSelector { MatchLabels = Selector(pool) },
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
        },
    };

    /// <summary>Why the pool's nodes could not be given their servers' addresses; null when they can.</summary>
    public static string? AddressFault(PushPool pool, InstallationDefaults defaults)
    {
        List<string> faults = [];
        if (pool.Spec.RedisSecretRef is null && defaults.Redis.ShowsPassword)
        {
            faults.Add("the installation's Redis address holds a password: keep it in a Secret and name that in spec.redisSecretRef");
        }
        if (pool.Spec.RabbitmqSecretRef is null && defaults.RabbitMq.ShowsPassword)
        {
            faults.Add("the installation's RabbitMQ address holds a password: keep it in a Secret and name that in spec.rabbitmqSecretRef");
        }
        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    private static V1PodSpec Pod(PushPool pool, InstallationDefaults defaults)
    {
        PodOverrides template = pool.Spec.Template;
        KeySetReference? keys = pool.Spec.Auth.Token?.KeysSecretRef;
        return new V1PodSpec
        {
            Containers = [Container(pool, defaults, keys)],
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            // The drain itself, and time to settle what is in hand and to close.
            TerminationGracePeriodSeconds = pool.Spec.DrainSeconds + 30,
            NodeSelector = template.NodeSelector is { } selector ? new(selector) : null,
            PriorityClassName = template.PriorityClassName,
            ImagePullSecrets = template.ImagePullSecrets?.Select(secret => new V1LocalObjectReference { Name = secret.Name }).ToList(),
            Tolerations = template.Tolerations?.Select(Toleration).ToList(),
            TopologySpreadConstraints =
            [
                new V1TopologySpreadConstraint
                {
                    MaxSkew = 1,
                    TopologyKey = "kubernetes.io/hostname",
                    WhenUnsatisfiable = "ScheduleAnyway",
                    LabelSelector = new V1LabelSelector { MatchLabels = Selector(pool) },
                },
            ],
            SecurityContext = new V1PodSecurityContext
            {
                RunAsNonRoot = true,
                RunAsUser = NonRoot,
                RunAsGroup = NonRoot,
                FsGroup = NonRoot,
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            Volumes = Volumes(pool.Spec),
        };
    }

    private static V1Container Container(PushPool pool, InstallationDefaults defaults, KeySetReference? keys) => new()
    {
        Name = "push-node",
        Image = pool.Spec.Template.Image ?? defaults.NodeImage,
        ImagePullPolicy = pool.Spec.Template.ImagePullPolicy?.ToString(),
        Ports =
        [
            new V1ContainerPort { Name = VehiclePortName, ContainerPort = VehiclePort, Protocol = "TCP" },
            new V1ContainerPort { Name = HealthPortName, ContainerPort = HealthPort, Protocol = "TCP" },
        ],
        Env = Environment(pool, defaults, keys),
        Resources = Resources(pool.Spec.Template.Resources),
        LivenessProbe = Probe("/healthz", periodSeconds: 10, failureThreshold: 3),
        ReadinessProbe = Probe("/readyz", periodSeconds: 2, failureThreshold: 2),
        StartupProbe = Probe("/healthz", periodSeconds: 1, failureThreshold: 60),
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            RunAsNonRoot = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
        VolumeMounts = Volumes(pool.Spec)?.ConvertAll(volume => new V1VolumeMount
        {
            Name = volume.Name,
            MountPath = volume.Name == TlsVolume ? TlsFolder : KeysFolder,
            ReadOnly = true,
        }),
    };

    /// <summary>The Secrets that the pods read; null when there are none.</summary>
    private static List<V1Volume>? Volumes(PushPoolSpec spec)
    {
        (string Name, string? Secret)[] wanted = [(KeysVolume, spec.Auth.Token?.KeysSecretRef.Name), (TlsVolume, spec.Tls?.SecretName)];
        List<V1Volume> volumes = [.. wanted.Where(volume => volume.Secret is not null)
            .Select(volume => new V1Volume { Name = volume.Name, Secret = new V1SecretVolumeSource { SecretName = volume.Secret } })];
        return volumes.Count == 0 ? null : volumes;
    }

    private static List<V1EnvVar> Environment(PushPool pool, InstallationDefaults defaults, KeySetReference? keys)
    {
        PushPoolSpec spec = pool.Spec;
        List<V1EnvVar> env =
        [
            Env(NodeEnvironment.Pool, new PoolName(pool.Namespace()!, pool.Name()).ToString()),
            new V1EnvVar { Name = NodeEnvironment.Name, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } } },
            Address(spec.RedisSecretRef, defaults.Redis).ToEnv(NodeEnvironment.Redis),
            Address(spec.RabbitmqSecretRef, defaults.RabbitMq).ToEnv(NodeEnvironment.RabbitMq),
            Env(NodeEnvironment.VehiclePort, $"{VehiclePort}"),
            Env(NodeEnvironment.HealthPort, $"{HealthPort}"),
            Env(NodeEnvironment.Auth, spec.Auth.Type.ToString()),
            Env(NodeEnvironment.Sessions, spec.Sessions.ToString()),
            Env(NodeEnvironment.HeartbeatIntervalSeconds, $"{spec.Heartbeat.IntervalSeconds}"),
            Env(NodeEnvironment.HeartbeatTimeoutSeconds, $"{spec.Heartbeat.TimeoutSeconds}"),
            Env(NodeEnvironment.HandshakesPerSecond, $"{spec.HandshakesPerSecond}"),
            Env(NodeEnvironment.DrainSeconds, $"{spec.DrainSeconds}"),
            // A read-only root has no place for the runtime's diagnostic socket.
            Env("DOTNET_EnableDiagnostics", "0"),
            .. defaults.Environment.Select(pair => Env(pair.Key, pair.Value)),
        ];
        if (keys is not null)
        {
            env.Add(Env(NodeEnvironment.AuthKeysFile, $"{KeysFolder}/{keys.Key}"));
        }
        if (spec.Tls is not null)
        {
            env.Add(Env(NodeEnvironment.TlsFolder, TlsFolder));
        }
        if (spec.Roles is { Count: > 0 } roles)
        {
            env.Add(Env(NodeEnvironment.Roles, string.Join(',', roles)));
        }
        return env;
    }

    private static ServerAddress Address(ServerSecretReference? own, ServerAddress installation) =>
        own is null ? installation : ServerAddress.InSecret(own.Name, own.Key);

    private static V1EnvVar Env(string name, string value) => new() { Name = name, Value = value };

    private static V1Probe Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = HealthPortName },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 2,
        FailureThreshold = failureThreshold,
    };

    private static V1ResourceRequirements Resources(ResourceAmounts? amounts) => amounts is null
        ? new() { Requests = new() { ["cpu"] = "250m", ["memory"] = "512Mi" }, Limits = new() { ["memory"] = "512Mi" } }
        : new() { Requests = Texts(amounts.Requests), Limits = Texts(amounts.Limits) };

    private static Dictionary<string, string>? Texts(IReadOnlyDictionary<string, Quantity>? amounts) =>
        amounts?.ToDictionary(pair => pair.Key, pair => pair.Value.Text);

    private static V1Toleration Toleration(Toleration toleration) => new()
    {
        Key = toleration.Key,
        Operator = toleration.Operator.ToString(),
        Value = toleration.Value,
        Effect = toleration.Effect?.ToString(),
        TolerationSeconds = toleration.TolerationSeconds,
    };

    private static V1ObjectMeta Meta(PushPool pool, IReadOnlyDictionary<string, string>? annotations) => new()
    {
        Name = ObjectName(pool),
        NamespaceProperty = pool.Namespace(),
        Labels = Labels(pool),
        Annotations = annotations is null ? null : new(annotations),
        OwnerReferences = [pool.MakeOwnerReference()],
    };

    private static Dictionary<string, string> Labels(PushPool pool) => new()
    {
        [PoolLabel] = pool.Name(),
        ["app.kubernetes.io/name"] = "push-node",
        ["app.kubernetes.io/instance"] = pool.Name(),
        ["app.kubernetes.io/part-of"] = "push-platform",
        ["app.kubernetes.io/managed-by"] = "push-operator",
    };

    private static Dictionary<string, string> Merged(IReadOnlyDictionary<string, string>? theirs, Dictionary<string, string> ours)
    {
        Dictionary<string, string> merged = theirs is null ? [] : new(theirs);
        foreach ((string key, string value) in ours)
        {
            merged[key] = value;
        }
        return merged;
    }
}
