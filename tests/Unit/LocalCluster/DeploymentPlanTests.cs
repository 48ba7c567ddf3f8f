using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Runner;
using Shouldly;
using Xunit;
using static PushPlatform.Tests.Unit.LocalCluster.Objects;

namespace PushPlatform.Tests.Unit.LocalCluster;

public sealed class DeploymentPlanTests
{
    [Theory]
    // desired, surge, unavailable | old: wanted, available | new: wanted, available → old, new
    [InlineData(3, "1", "0", 3, 3, 0, 0, 3, 1)]
    [InlineData(3, "1", "0", 3, 3, 1, 0, 3, 1)]
    [InlineData(3, "1", "0", 3, 3, 1, 1, 2, 1)]
    [InlineData(3, "0", "1", 3, 3, 0, 0, 2, 0)]
    [InlineData(4, "25%", "25%", 4, 4, 0, 0, 3, 1)]
    [InlineData(2, "0", "0", 2, 2, 0, 0, 1, 0)]
    [InlineData(2, "1", "0", 2, 2, 2, 2, 0, 2)]
    [InlineData(1, "1", "0", 0, 0, 3, 3, 0, 1)]
    [InlineData(5, "1", "0", 0, 0, 3, 3, 0, 5)]
    public void Of_RollingUpdate_StaysWithinItsBounds(
        int desired, string surge, string unavailable, int oldWanted, int oldAvailable, int newWanted, int newAvailable, int expectedOld, int expectedNew)
    {
        JsonObject deployment = Deployment(desired, $"rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}");
        string name = DeploymentPlan.Of(deployment, []).NewName;

        DeploymentPlan plan = DeploymentPlan.Of(deployment, [Set("web-old", oldWanted, oldAvailable), Set(name, newWanted, newAvailable)]);

        plan.Replicas["web-old"].ShouldBe(expectedOld);
        plan.Replicas[name].ShouldBe(expectedNew);
    }

    [Fact]
    public void Of_Recreate_WaitsForTheOldPodsToGo()
    {
        JsonObject deployment = Deployment(2, "type: Recreate");
        string name = DeploymentPlan.Of(deployment, []).NewName;

        DeploymentPlan.Of(deployment, [Set("web-old", 2, 2)]).Replicas.ShouldBe(new Dictionary<string, long> { ["web-old"] = 0, [name] = 0 }, ignoreOrder: true);
        DeploymentPlan.Of(deployment, [Set("web-old", 0, 0)]).Replicas[name].ShouldBe(2);
    }

    [Fact]
    public void NewReplicaSet_ForATemplate_SelectsJustItsPods()
    {
        JsonObject set = DeploymentPlan.NewReplicaSet(Deployment(2, ""), 2);
        string hash = set.Text("spec", "selector", "matchLabels", DeploymentPlan.HashLabel)!;

        set.Name().ShouldBe($"web-{hash}");
        set.Text("spec", "template", "metadata", "labels", DeploymentPlan.HashLabel).ShouldBe(hash);
        set.Text("spec", "template", "metadata", "labels", "app").ShouldBe("web");
    }

    [Fact]
    public void VictimsFirst_Orders_AsAReplicaSetDoes()
    {
        JsonObject[] pods =
        [
            Pod("ready-for-long", readySince: "2026-01-01T00:00:00Z"),
            Pod("young", created: "2026-01-02T10:00:00Z"),
            Pod("restarted", restarts: 2),
            Pod("ready-for-minutes", readySince: "2026-01-02T11:50:00Z"),
            Pod("cost-is-none", cost: "cheap"),
            Pod("dear", cost: "7"),
            Pod("cheap", cost: "-5"),
            Pod("unready-but-dear", ready: "False", cost: "9"),
            Pod("unknown", phase: "Unknown", ready: "False"),
            Pod("pending", phase: "Pending", ready: "False", cost: "9"),
        ];

        PodFacts.VictimsFirst(pods, DateTimeOffset.Parse("2026-01-02T12:00:00Z")).Select(pod => pod.Name()).ShouldBe(
            ["pending", "unknown", "unready-but-dear", "cheap", "ready-for-minutes", "restarted", "young", "cost-is-none", "ready-for-long", "dear"]);
    }

    [Fact]
    public void VictimsFirst_AboutAsOld_TheUidDecides_NotTheSecond()
    {
        JsonObject[] pods = [Pod("b", created: "2026-01-01T00:00:02Z"), Pod("a", created: "2026-01-01T00:00:01Z")];

        PodFacts.VictimsFirst(pods, DateTimeOffset.Parse("2026-01-02T12:00:00Z")).Select(pod => pod.Name()).ShouldBe(["a", "b"]);
    }

    private static JsonObject Deployment(int replicas, string strategy) => Yaml($$$"""
        kind: Deployment
        metadata: {name: web, namespace: default, uid: u}
        spec:
          replicas: {{{replicas}}}
          selector: {matchLabels: {app: web}}
          strategy: {{{{strategy}}}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}
        """);

    private static JsonObject Set(string name, int wanted, int available) => Yaml(
        $"{{metadata: {{name: {name}}}, spec: {{replicas: {wanted}}}, status: {{replicas: {wanted}, availableReplicas: {available}}}}}");

    private static JsonObject Pod(
        string name, string phase = "Running", string ready = "True", string? cost = null, string created = "2026-01-01T00:00:00Z", string readySince = "2026-01-01T06:00:00Z", int restarts = 0) =>
        Yaml($$$"""
            metadata: {name: {{{name}}}, uid: {{{name}}}, creationTimestamp: '{{{created}}}', annotations: {controller.kubernetes.io/pod-deletion-cost: '{{{cost}}}'}}
            spec: {nodeName: localcluster}
            status:
              phase: {{{phase}}}
              conditions: [{type: Ready, status: '{{{ready}}}', lastTransitionTime: '{{{readySince}}}'}]
              containerStatuses: [{restartCount: {{{restarts}}}}]
            """);
}
