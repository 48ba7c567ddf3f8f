namespace PushPlatform.Scenarios.Cluster;

/// <summary>What the operator's account must be able to do and what it must not, as <c>verb resource.group[/name][:subresource]</c>. Nobody else's account may do any of it.</summary>
internal static class RightsTable
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Push = "pushplatform.io";

    /// <summary>In the namespace of the release.</summary>
    public static readonly IReadOnlyList<(string To, string[] Rights)> Must =
    [
        ("lead", ["create leases.coordination.k8s.io", "get leases.coordination.k8s.io/push-operator-leader", "patch leases.coordination.k8s.io/push-operator-leader"]),
        ("see campaigns, mark them and say how they are", [$"list pushcampaigns.{Push}", $"watch pushcampaigns.{Push}", $"patch pushcampaigns.{Push}", $"delete pushcampaigns.{Push}", $"patch pushcampaigns.{Push}:status", "get configmaps", "create events.events.k8s.io"]),
        ("hear approvals, say what became of them, and try whether they are proven", [$"list pushcampaignapprovals.{Push}", $"watch pushcampaignapprovals.{Push}", $"create pushcampaignapprovals.{Push}", $"patch pushcampaignapprovals.{Push}:status"]),
        ("see pools and say how they are", [$"list pushpools.{Push}", $"watch pushpools.{Push}", $"patch pushpools.{Push}:status"]),
        ("make what a pool is made of", ["create deployments.apps", "patch deployments.apps", "create services", "patch services", "create poddisruptionbudgets.policy", "patch poddisruptionbudgets.policy"]),
        ("mark nodes that are to go", ["list pods", "patch pods"]),
        ("ask whose token it is shown, and what they may see", ["create tokenreviews.authentication.k8s.io", "create subjectaccessreviews.authorization.k8s.io"]),
    ];

    public static readonly IReadOnlyList<(string To, string[] Rights)> MustNot =
    [
        ("read secrets, or look through what is not its own", ["get secrets", "list secrets", "watch secrets", "list configmaps", "watch configmaps", "get pods:log"]),
        // Its patch of a campaign is for the finalizer.
        ("decide what people decide", [$"create pushcampaigns.{Push}", $"update pushcampaigns.{Push}", $"deletecollection pushcampaigns.{Push}", $"create pushpools.{Push}", $"update pushpools.{Push}", $"patch pushpools.{Push}", $"delete pushpools.{Push}", $"patch pushpools.{Push}:scale"]),
        ("change what people said", [$"update pushcampaignapprovals.{Push}", $"patch pushcampaignapprovals.{Push}", $"delete pushcampaignapprovals.{Push}", $"deletecollection pushcampaignapprovals.{Push}"]),
        ("come into pods", ["create pods:exec", "get pods:exec", "create pods:attach", "create pods:portforward", "create pods:proxy", "create services:proxy"]),
        ("make pods, or take them away", ["create pods", "update pods", "delete pods", "deletecollection pods", "create pods:eviction", "create jobs.batch", "create daemonsets.apps", "create statefulsets.apps"]),
        ("take a pool away", ["delete deployments.apps", "update deployments.apps", "delete services", "update services", "delete poddisruptionbudgets.policy"]),
        ("lead somebody else's house", ["get leases.coordination.k8s.io/kube-scheduler", "patch leases.coordination.k8s.io/kube-scheduler", "list leases.coordination.k8s.io", "update leases.coordination.k8s.io", "delete leases.coordination.k8s.io"]),
        ("become more than it is",
        [
            .. new[] { "roles", "rolebindings", "clusterroles", "clusterrolebindings" }.SelectMany(kind => new[] { $"create {kind}.{Rbac}", $"patch {kind}.{Rbac}", $"update {kind}.{Rbac}" }),
            $"bind clusterroles.{Rbac}", $"escalate clusterroles.{Rbac}", "impersonate users", "impersonate serviceaccounts", "create serviceaccounts", "create serviceaccounts:token",
        ]),
        ("touch the cluster itself", ["get nodes", "list nodes", "patch nodes", "list namespaces", "create namespaces", "delete namespaces", "list persistentvolumes", "get customresourcedefinitions.apiextensions.k8s.io", "patch customresourcedefinitions.apiextensions.k8s.io", "create mutatingwebhookconfigurations.admissionregistration.k8s.io", "* *"]),
    ];
}
