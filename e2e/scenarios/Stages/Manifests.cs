using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api.Http;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Stages;

/// <summary>What a stage applies: files of the checkout, and the operator's own Deployment.</summary>
internal static class Manifests
{
    public const string Namespace = "default";
    public const string Pool = "default";
    public const string OperatorImage = "push-platform/operator:dev";
    public const string NodeImage = "push-platform/push-node:dev";
    public const string OperatorName = "push-operator";
    public const string OperatorLease = "push-operator-leader";

    private const string ServersSecret = "push-servers";

    /// <summary>Knows every kind that a stage applies or reads.</summary>
    public static readonly KubernetesJson Json = new(ApiJsonContext.Default, ManifestsJson.Default);

    public static V1CustomResourceDefinition Definition(string root, string plural) =>
        Read<V1CustomResourceDefinition>(Path.Combine(root, "crds", $"{plural}.yaml"));

    /// <summary>That who writes an approval is who it says.</summary>
    public static (V1ValidatingAdmissionPolicy Policy, V1ValidatingAdmissionPolicyBinding Binding) Admission(string root)
    {
        string[] documents = File.ReadAllText(Path.Combine(root, "crds", "admission", "approved-by.yaml")).Split("\n---\n");
        return (Parse<V1ValidatingAdmissionPolicy>(documents[0]), Parse<V1ValidatingAdmissionPolicyBinding>(documents[1]));
    }

    public static TEntity Sample<TEntity>(string root, string name)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        TEntity sample = Read<TEntity>(Path.Combine(root, "crds", "samples", name));
        sample.Metadata.NamespaceProperty = Namespace;
        return sample;
    }

    /// <summary>The servers' addresses hold a password, so operator and nodes get them from here.</summary>
    public static V1Secret Servers(string redis, string rabbit) => new()
    {
        Metadata = new V1ObjectMeta { Name = ServersSecret, NamespaceProperty = Namespace },
        Data = new Dictionary<string, byte[]>
        {
            ["redis"] = System.Text.Encoding.UTF8.GetBytes(redis),
            ["rabbitmq"] = System.Text.Encoding.UTF8.GetBytes(rabbit),
        },
    };

    /// <param name="more">Variables that it gets as well.</param>
    public static V1Deployment Operator(string kubeconfig, int replicas, IReadOnlyDictionary<string, string> more) => new()
    {
        Metadata = new V1ObjectMeta { Name = OperatorName, NamespaceProperty = Namespace },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = OperatorLabels() },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = OperatorLabels() },
                Spec = new V1PodSpec { Containers = [OperatorContainer(kubeconfig, more)] },
            },
        },
    };

    private static V1Container OperatorContainer(string kubeconfig, IReadOnlyDictionary<string, string> more) => new()
    {
        Name = "operator",
        Image = OperatorImage,
        Env =
        [
            new V1EnvVar { Name = "KUBECONFIG", Value = kubeconfig },
            new V1EnvVar { Name = "POD_NAMESPACE", Value = Namespace },
            new V1EnvVar { Name = "PUSH_OPERATOR_INQUIRY_PORT", Value = "8443" },
            FromSecret("PUSH_OPERATOR_REDIS", "redis"),
            FromSecret("PUSH_OPERATOR_RABBITMQ", "rabbitmq"),
            new V1EnvVar { Name = "PUSH_OPERATOR_NODE_REDIS_SECRET", Value = $"{ServersSecret}/redis" },
            new V1EnvVar { Name = "PUSH_OPERATOR_NODE_RABBITMQ_SECRET", Value = $"{ServersSecret}/rabbitmq" },
            .. more.Select(pair => new V1EnvVar { Name = pair.Key, Value = pair.Value }),
        ],
        Ports = [new V1ContainerPort { Name = "health", ContainerPort = 8081 }],
        ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/readyz", Port = "health" }, PeriodSeconds = 1 },
    };

    private static Dictionary<string, string> OperatorLabels() => new() { ["app.kubernetes.io/name"] = OperatorName };

    private static V1EnvVar FromSecret(string name, string key) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1KeySelector { Name = ServersSecret, Key = key } },
    };

    private static TEntity Read<TEntity>(string path) => Parse<TEntity>(File.ReadAllText(path));

    private static TEntity Parse<TEntity>(string yaml) =>
        JsonSerializer.Deserialize(YamlJson.Parse(yaml)!.ToJsonString(), Json.TypeInfo<TEntity>()) ?? throw new InvalidDataException($"'{yaml}' holds nothing.");
}

/// <summary>A definition as it stands in its file; what is in it is the API server's business.</summary>
[KubernetesEntity(Group = "apiextensions.k8s.io", ApiVersion = "v1", Kind = "CustomResourceDefinition", PluralName = "customresourcedefinitions")]
internal sealed class V1CustomResourceDefinition : KubernetesObject
{
    public JsonElement Spec { get; set; }
}

/// <summary>A policy as it stands in its file.</summary>
[KubernetesEntity(Group = "admissionregistration.k8s.io", ApiVersion = "v1", Kind = "ValidatingAdmissionPolicy", PluralName = "validatingadmissionpolicies")]
internal sealed class V1ValidatingAdmissionPolicy : KubernetesObject
{
    public JsonElement Spec { get; set; }
}

/// <summary>What puts it in force.</summary>
[KubernetesEntity(Group = "admissionregistration.k8s.io", ApiVersion = "v1", Kind = "ValidatingAdmissionPolicyBinding", PluralName = "validatingadmissionpolicybindings")]
internal sealed class V1ValidatingAdmissionPolicyBinding : KubernetesObject
{
    public JsonElement Spec { get; set; }
}

[JsonSerializable(typeof(V1CustomResourceDefinition))]
[JsonSerializable(typeof(V1ValidatingAdmissionPolicy))]
[JsonSerializable(typeof(V1ValidatingAdmissionPolicyBinding))]
internal sealed partial class ManifestsJson : JsonSerializerContext;
