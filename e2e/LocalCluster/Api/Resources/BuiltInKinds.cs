using PushPlatform.LocalCluster.Api.Reading;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>The kinds of Kubernetes itself that a push platform touches; most without more schema than their lists' keys.</summary>
internal static class BuiltInKinds
{
    public const string ApiExtensions = "apiextensions.k8s.io";
    public const string AdmissionRegistration = "admissionregistration.k8s.io";
    public const string DefinitionsPlural = "customresourcedefinitions";

    // Before All: static members are initialized in the order of their text.
    private static ScalePaths Replicas { get; } = new(".spec.replicas", ".status.replicas", Selector: null);

    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        Cluster("", "v1", "Namespace", "namespaces", ["ns"]) with { HasStatus = true, Columns = BuiltInColumns.Namespaces },
        Namespaced("", "v1", "Pod", "pods", ["po"]) with { HasStatus = true, HasGeneration = true, Categories = ["all"], Columns = BuiltInColumns.Pods },
        Namespaced("", "v1", "Service", "services", ["svc"]) with { HasStatus = true, Categories = ["all"], Columns = BuiltInColumns.Services },
        Namespaced("", "v1", "ConfigMap", "configmaps", ["cm"]) with { Columns = BuiltInColumns.ConfigMaps },
        Namespaced("", "v1", "Secret", "secrets", []) with { Columns = BuiltInColumns.Secrets },
        Namespaced("", "v1", "ServiceAccount", "serviceaccounts", ["sa"]),
        Namespaced("", "v1", "Endpoints", "endpoints", ["ep"]) with { Singular = "endpoints" },
        Namespaced("", "v1", "Event", "events", ["ev"]) with { Columns = BuiltInColumns.Events },
        Namespaced("events.k8s.io", "v1", "Event", "events", ["ev"]) with
        {
            Collection = "/events",
            Columns = BuiltInColumns.Events,
            ToStored = EventForms.ToCore,
            FromStored = EventForms.FromCore,
        },
        Cluster("", "v1", "Node", "nodes", ["no"]) with { HasStatus = true },
        Namespaced("apps", "v1", "Deployment", "deployments", ["deploy"]) with
        {
            HasStatus = true, HasGeneration = true, Categories = ["all"], Columns = BuiltInColumns.Deployments, Scale = Replicas,
        },
        Namespaced("apps", "v1", "ReplicaSet", "replicasets", ["rs"]) with
        {
            HasStatus = true, HasGeneration = true, Categories = ["all"], Columns = BuiltInColumns.ReplicaSets, Scale = Replicas,
        },
        Namespaced("apps", "v1", "StatefulSet", "statefulsets", ["sts"]) with { HasStatus = true, HasGeneration = true, Categories = ["all"] },
        Namespaced("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", []),
        Namespaced("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ["pdb"]) with { HasStatus = true, HasGeneration = true },
        Namespaced("coordination.k8s.io", "v1", "Lease", "leases", []) with { Columns = BuiltInColumns.Leases },
        Namespaced("rbac.authorization.k8s.io", "v1", "Role", "roles", []),
        Namespaced("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", []),
        Cluster("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", []),
        Cluster("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", []),
        Cluster(AdmissionRegistration, "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", []) with { HasStatus = true, HasGeneration = true },
        Cluster(AdmissionRegistration, "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", []) with { HasGeneration = true },
        Cluster(ApiExtensions, "v1", "CustomResourceDefinition", DefinitionsPlural, ["crd", "crds"]) with { HasStatus = true, HasGeneration = true },
    ];

    private static ResourceKind Namespaced(string group, string version, string kind, string plural, IReadOnlyList<string> shortNames) =>
        Make(group, version, kind, plural, shortNames, namespaced: true);

    private static ResourceKind Cluster(string group, string version, string kind, string plural, IReadOnlyList<string> shortNames) =>
        Make(group, version, kind, plural, shortNames, namespaced: false);

    private static ResourceKind Make(string group, string version, string kind, string plural, IReadOnlyList<string> shortNames, bool namespaced) => new()
    {
        Group = group,
        Version = version,
        Kind = kind,
        Plural = plural,
        Singular = kind.ToLowerInvariant(),
        Namespaced = namespaced,
        ShortNames = shortNames,
        Collection = $"{group}/{plural}",
        Schema = BuiltInSchemas.Of(kind),
    };
}
