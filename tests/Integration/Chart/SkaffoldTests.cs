using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>skaffold.yaml is what skaffold takes, and everything that it names is there.</summary>
public sealed class SkaffoldTests
{
    private static readonly JsonObject Config = YamlJson.Documents(File.ReadAllText(Path.Combine(ResourceTable.Root, "skaffold.yaml")))[0];

    private static JsonObject Release => (JsonObject)Config["deploy"]!["helm"]!["releases"]![0]!;

    [Fact]
    public void Config_AgainstV4Beta13_IsValidAndHasNoUnknownField()
    {
        ((string?)Config["apiVersion"]).ShouldBe("skaffold/v4beta13");
        SharedSchema.Load("skaffold-v4beta13.json").Faults(Config, "SkaffoldConfig").ShouldBeEmpty();
    }

    [Fact]
    public void Schema_AFieldThatSkaffoldDoesNotHave_IsAFault()
    {
        JsonObject wrong = (JsonObject)Config.DeepClone();
        wrong["deploy"]!["helm"]!["releases"]![0]!["values"] = new JsonObject();
        SharedSchema.Load("skaffold-v4beta13.json").Faults(wrong, "SkaffoldConfig").ShouldBe(["SkaffoldConfig.deploy.helm.releases[0].values: unknown"]);
    }

    [Fact]
    public void Artifacts_HaveTheirDockerfiles_AndProfilesAreThere()
    {
        foreach (JsonNode? artifact in Config["build"]!["artifacts"]!.AsArray())
        {
            File.Exists(Path.Combine(ResourceTable.Root, (string)artifact!["docker"]!["dockerfile"]!)).ShouldBeTrue(artifact.ToJsonString());
        }
        Config["profiles"]!.AsArray().Select(profile => (string?)profile!["name"]).ShouldBe(["dev", "e2e"]);
    }

    /// <summary>As skaffold installs it, with images in place of what it would make: the chart takes all values, and what is forwarded is there.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Release_IsWhatTheChartTakes_AndPortsAreForwardedToWhatItMakes(bool dev)
    {
        List<string> arguments = ["--namespace", (string)Release["namespace"]!];
        foreach (JsonNode? file in Release["valuesFiles"]!.AsArray())
        {
            arguments.AddRange(["--values", Path.Combine(ResourceTable.Root, (string)file!)]);
        }
        JsonObject patched = dev ? (JsonObject)Config["profiles"]![0]!["patches"]![0]!["value"]! : [];
        foreach ((string key, JsonNode? value) in Release["setValueTemplates"]!.AsObject().Select(pair => (pair.Key, (JsonNode?)"made-here")).Concat(patched.Select(pair => (pair.Key, pair.Value))))
        {
            arguments.AddRange(["--set", $"{key}={value}"]);
        }
        Path.Combine(ResourceTable.Root, (string)Release["chartPath"]!).ShouldBe(Helm.Chart);
        ((string?)Release["name"]).ShouldBe(Helm.Release);

        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(arguments);

        objects.Single(item => (string?)item["kind"] == "Deployment" && (string?)item["metadata"]!["name"] == "push-platform-operator").ToJsonString().ShouldContain("made-here:made-here");
        JsonNode pool = objects.Single(item => (string?)item["kind"] == "PushPool");
        Config["portForward"]!.AsArray().Select(forward => (string?)forward!["resourceName"]).ShouldBe([$"push-{pool["metadata"]!["name"]}", "push-platform-operator"]);
    }
}
