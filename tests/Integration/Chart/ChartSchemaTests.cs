using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>The chart with each of the <c>ci/</c> values: helm has nothing against it, and neither have the API server's schemas against what comes out.</summary>
public sealed class ChartSchemaTests
{
    /// <summary>Other people's kinds, which no schema here knows.</summary>
    private static readonly string[] Unknown = ["monitoring.coreos.com/v1 ServiceMonitor", "monitoring.coreos.com/v1 PodMonitor", "monitoring.coreos.com/v1 PrometheusRule"];

    public static TheoryData<string> ValueFiles => Helm.ValueFiles;

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Lint_Strict_HasNothingToSay(string values)
    {
        (int code, string output) = await Helm.RunAsync(["lint", "--strict", Helm.Chart, "--values", Helm.PathOf(values)]);
        code.ShouldBe(0, output);
    }

    [Fact]
    public async Task Lint_StrictWithTheDefaults_HasNothingToSay()
    {
        (int code, string output) = await Helm.RunAsync(["lint", "--strict", Helm.Chart]);
        code.ShouldBe(0, output);
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Objects_AgainstKubernetes136_AreValidAndHaveNoUnknownField(string values)
    {
        DefinitionsSchema kubernetes = SharedSchema.Load("kubernetes-1.36-openapi-v2.json.gz");
        List<string> faults = [];
        foreach (JsonObject item in (await Helm.RenderAsync(values)).Where(item => !IsOurs(item)))
        {
            string kind = $"{item["apiVersion"]} {item["kind"]}";
            if (kubernetes.DefinitionOf((string)item["apiVersion"]!, (string)item["kind"]!) is { } definition)
            {
                faults.AddRange(kubernetes.Faults(item, definition).Select(fault => $"{item["metadata"]!["name"]}: {fault}"));
            }
            else if (!Unknown.Contains(kind))
            {
                faults.Add($"{kind} is no kind of Kubernetes 1.36");
            }
        }
        faults.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task OurResources_AgainstOurDefinitions_AreValidAndHaveNoUnknownField(string values)
    {
        foreach (JsonObject item in (await Helm.RenderAsync(values)).Where(IsOurs))
        {
            Schema schema = Schema.Parse(ResourceTable.SchemaOf($"{((string)item["kind"]!).ToLowerInvariant()}s"));
            schema = schema.ForRoot(Schema.Anything);
            Validation.Faults(item, schema).ShouldBeEmpty();
            Pruning.Apply((JsonObject)item.DeepClone(), schema).ShouldBeEmpty();
        }
    }

    /// <summary>Definitions are what stands in crds/, with CEL where the server has it.</summary>
    [Theory]
    [InlineData("1.36.0", true)]
    [InlineData("1.25.0", true)]
    [InlineData("1.24.9", false)]
    [InlineData("1.20.2", false)]
    public async Task Definitions_AreThoseOfTheRepository_WithoutRulesForServersThatHaveNoCel(string version, bool hasCel)
    {
        foreach (JsonObject rendered in (await Helm.RenderAsync("trial-values.yaml", "--kube-version", version)).Where(item => (string?)item["kind"] == "CustomResourceDefinition"))
        {
            JsonNode spec = ResourceTable.Definition((string)rendered["spec"]!["names"]!["plural"]!)["spec"]!;
            if (!hasCel)
            {
                RemoveRules(spec);
            }
            JsonNode.DeepEquals(rendered["spec"], spec).ShouldBeTrue((string?)rendered["metadata"]!["name"]);
            ((string?)rendered["metadata"]!["annotations"]!["helm.sh/resource-policy"]).ShouldBe("keep");
        }
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"two"}}""", "Deployment.spec.replicas: \"two\" is no integer")]
    [InlineData("""{"spec":{"replica":2}}""", "Deployment.spec.replica: unknown")]
    [InlineData("""{"spec":{"selector":{}}}""", "Deployment.spec.template: required")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":true}}}]}}}}""", "Deployment.spec.template.spec.containers[0].livenessProbe.httpGet.port: true is no string")]
    public void Schema_AWrongDeployment_IsRefused(string json, string fault)
    {
        DefinitionsSchema kubernetes = SharedSchema.Load("kubernetes-1.36-openapi-v2.json.gz");
        kubernetes.Faults(JsonNode.Parse(json), kubernetes.DefinitionOf("apps/v1", "Deployment")!).ShouldContain(fault);
    }

    private static void RemoveRules(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            members.Remove("x-kubernetes-validations");
        }
        foreach (JsonNode? child in node is JsonObject inner ? inner.Select(member => member.Value) : node as JsonArray ?? [])
        {
            RemoveRules(child);
        }
    }

    private static bool IsOurs(JsonObject item) => (string?)item["apiVersion"] == "pushplatform.io/v1alpha1";
}
