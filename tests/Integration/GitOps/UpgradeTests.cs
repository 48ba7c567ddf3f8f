using System.Text.Json.Nodes;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using PushPlatform.Tests.Integration.Faults;
using PushPlatform.Tests.Integration.LocalCluster;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.GitOps;

/// <summary>Two nodes, one operator, and the API server of <c>KUBE_BIN_DIR</c> where one is named. A cluster of <c>KUBECONFIG</c> has controllers of its own, which this one does without.</summary>
public sealed class GitOpsStage : FaultStage
{
    private protected override StageOptions Options => new() { ApiFromEnvironment = Environment.GetEnvironmentVariable("KUBE_BIN_DIR") is { Length: > 0 } };
}

/// <summary>What GitOps does to a campaign that is on its way: new definitions of our kinds, and the resource taken away and put back by another tool.</summary>
public sealed class UpgradeTests(GitOpsStage stage) : IClassFixture<GitOpsStage>, IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("push-kubectl-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Kubectl Kubectl => new(stage.Stage.KubeconfigPath, _home);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_home, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("replace")]
    public async Task DefinitionsAreUpgradedInMidPush_TheCampaignGoesOn_AndPeopleAreStillHeard(string how)
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(60);
        await story.ApplyAsync(rate: 4);
        await story.UntilToldAsync(4);

        foreach (string plural in ResourceTable.Plurals)
        {
            // An older server has no CEL rules: it drops them, where kubectl would refuse to send them.
            await Kubectl.SucceedAsync(Newer(plural, how), how, "--validate=false", "-f", "-");
        }

        await story.PatchAsync("""{"suspend":true}""");
        await story.UntilPhaseAsync(CampaignPhase.Suspended);
        int told = story.Copies;
        told.ShouldBeLessThan(60);
        await story.PatchAsync("""{"suspend":false,"pace":{"maxPerSecond":1000}}""");

        await story.EndsWellAsync();
        story.Copies.ShouldBe(60, "nobody is told twice");
        (await Kubectl.SucceedAsync(null, "-n", Manifests.Namespace, "get", "pcam", story.Name)).ShouldContain($"NEWER-{how.ToUpperInvariant()}");
    }

    [Fact]
    public async Task TakenOutOfGitAndPutBackByAnotherTool_TellsNobodyAgain()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(20);
        await ApplyAsync(story, "kustomize-controller");
        await story.EndsWellAsync();

        await Kubectl.SucceedAsync(null, "-n", Manifests.Namespace, "delete", "pcam", story.Name);
        await ApplyAsync(story, "argocd-controller");
        await story.UntilPhaseAsync(CampaignPhase.Completed);

        // A second campaign for the same cars has been through all steps by the time that it ends; the first would have been, too.
        await using FaultStory next = await FaultStory.BeginAsync(stage.Stage, Token);
        await next.AddCarsAsync(5);
        await next.ApplyAsync(rate: 1000);
        await next.EndsWellAsync();
        story.Copies.ShouldBe(20);
        (await story.StatusAsync()).Counts!.Delivered.ShouldBe(20);
    }

    /// <summary>As the next release might bring it: another description, a new column.</summary>
    private static string Newer(string plural, string how)
    {
        var definition = ResourceTable.Definition(plural);
        var version = definition["spec"]!["versions"]![0]!;
        version["additionalPrinterColumns"]!.AsArray().Add(new JsonObject { ["name"] = $"Newer-{how}", ["type"] = "string", ["jsonPath"] = ".status.message" });
        version["schema"]!["openAPIV3Schema"]!["description"] = $"Described anew, by {how}.";
        return definition.ToJsonString();
    }

    private Task ApplyAsync(FaultStory story, string manager) => Kubectl.SucceedAsync(
        $$"""
        apiVersion: pushplatform.io/v1alpha1
        kind: PushCampaign
        metadata: {name: {{story.Name}}, namespace: {{Manifests.Namespace}}}
        spec:
          patch: {id: brake-ecu, version: 4.2.1}
          targets:
            selector:
              matchLabels: {story: "{{story.Name}}"}
          pace: {maxPerSecond: 1000}
        """,
        "apply", "--server-side", "--force-conflicts", $"--field-manager={manager}", "-f", "-");
}
