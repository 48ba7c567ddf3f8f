using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Tests.Resources;
using PushPlatform.Tests.Unit.Operator;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.GitOps;

/// <summary>What Argo CD shows of our two kinds, for every state that the operator writes.</summary>
public sealed class ArgoHealthTests
{
    private const string Healthy = "Healthy";
    private const string Progressing = "Progressing";
    private const string Suspended = "Suspended";
    private const string Degraded = "Degraded";

    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    private static readonly Dictionary<string, (string Status, string Message)> Campaigns = new()
    {
        ["not seen yet"] = (Progressing, "Waiting for the operator"),
        ["counting"] = (Progressing, "The nodes are counting whom it would reach"),
        ["scheduled"] = (Healthy, "Starts at 2026-11-01T20:00:00Z: 32 cars match, 20 of them online"),
        ["suspended while it is counted"] = (Suspended, "Suspended"),
        ["suspended before the start"] = (Suspended, "Suspended: 32 cars match, 20 of them online"),
        ["too many match"] = (Suspended, "32 cars match, 20 of them online; that is more than spec.targets.maxTargets (31): narrow spec.targets, or raise maxTargets"),
        ["too few are online"] = (Suspended, "32 cars match, 20 of them online; at least 80 % of them have to be online (spec.rollout.minOnline); at 2026-11-01T13:00:00Z it is held for a person"),
        ["nobody has approved it"] = (Suspended, CampaignScenes.Of("nobody has approved it").Status.Message!),
        ["denied while pushing"] = (Suspended, CampaignScenes.Of("denied while pushing").Status.Message!),
        ["writing down the targets"] = (Progressing, "The targets are being written down"),
        ["pushing"] = (Progressing, "0 of 32 delivered"),
        ["suspended while pushing"] = (Suspended, "Suspended: 0 of 32 delivered"),
        ["outside its windows"] = (Suspended, "0 of 32 delivered; outside spec.schedule.windows until 2026-11-02T12:00:00Z"),
        ["paused by a limit"] = (Suspended, "16 of 32 delivered; 16 of 32 deliveries with an outcome failed, were rejected or never acknowledged (50 %), more than the 20 % of spec.rollout.abortWhen: set spec.resume to 1 to go on all the same, or raise spec.revision with a better patch"),
        ["aborted by a limit"] = (Degraded, "16 of 32 deliveries with an outcome failed, were rejected or never acknowledged (50 %), more than the 20 % of spec.rollout.abortWhen: aborted with 16 of 32 delivered"),
        ["catching up"] = (Progressing, "16 of 32 delivered; the others are told when they come back"),
        ["waits for another of the same patch"] = (Suspended, "32 cars match, 20 of them online; waits for the end of campaign recall, which is pushing brake: abort or delete that one, or set spec.conflictPolicy to Supersede to take its place"),
        ["gives way to another"] = (Progressing, "It is being ended: what was sent may still be answered"),
        ["gave way to another"] = (Degraded, "Campaign recall, a newer push of this patch, took its place: 0 of 32 delivered"),
        ["everybody has it"] = (Healthy, "32 of 32 delivered"),
        ["one car failed"] = (Degraded, "16 of 32 delivered"),
        ["nobody matches"] = (Healthy, "No car was a target"),
        ["being aborted"] = (Progressing, "It is being ended: what was sent may still be answered"),
        ["aborted"] = (Degraded, "Aborted: 0 of 32 delivered"),
        ["taken back after its end"] = (Degraded, "Cancelled: 32 of 32 delivered; 16 have forgotten it, 16 have not answered"),
        ["taken back, and a higher revision comes"] = (Progressing, "It is being ended: what was sent may still be answered"),
        ["expired"] = (Degraded, "Expired: 16 of 32 delivered"),
        ["a higher revision takes over"] = (Progressing, "It is being ended: what was sent may still be answered"),
        ["made again after its end"] = (Healthy, "32 of 32 delivered"),
        ["made again with another patch"] = (Degraded, "revision 1 of fleet/brakes was pushed with another patch or other targets: raise spec.revision to push this one"),
        ["invalid"] = (Degraded, "spec.pace: impossible"),
        ["invalid and suspended"] = (Degraded, "spec.pace: impossible"),
        ["changed after the start"] = (Degraded, "revision 1 has started with another patch or other targets: set them back, or raise spec.revision to push the new ones"),
        ["ledger lost"] = (Degraded, "Redis has lost the record of who was told, or a part of it; going on could tell cars twice. Raise spec.revision to push again on purpose"),
        ["no pool"] = (Progressing, "there is no PushPool default in this namespace: create it, or wait for it"),
        ["edited, not seen yet"] = (Progressing, "Waiting for the operator"),
        ["Redis away at first sight"] = (Progressing, "Redis does not answer"),
        ["Redis away while pushing"] = (Progressing, "Redis does not answer"),
        ["Redis away while pushing, edited"] = (Progressing, "Redis does not answer"),
        ["Redis away after the end"] = (Healthy, "32 of 32 delivered"),
        ["bus away while pushing"] = (Progressing, "RabbitMQ does not answer; nodes notice changes within 2 s all the same"),
    };

    private static readonly Dictionary<string, (string Status, string Message)> Pools = new()
    {
        ["not seen yet"] = (Progressing, "Waiting for the operator"),
        ["well"] = (Healthy, "2 of 2 push nodes are ready"),
        ["no Deployment yet"] = (Progressing, "0 of 2 push nodes are ready"),
        ["one node is not ready"] = (Progressing, "1 of 2 push nodes are ready"),
        ["a Secret is missing"] = (Progressing, "0 of 2 push nodes are ready; there is no Secret keys"),
        ["a node is drained"] = (Healthy, "1 of 1 push nodes are ready, 1 more send their cars away"),
        ["a push holds fewer nodes up"] = (Healthy, "2 of 2 push nodes are ready; fewer are wanted, which waits because campaign brakes is pushing"),
        ["Redis away"] = (Progressing, "2 of 2 push nodes are ready; the number of connections is not known. Redis does not answer"),
        ["bus away"] = (Progressing, "2 of 2 push nodes are ready; they notice changes within 2 s all the same. RabbitMQ does not answer"),
        ["invalid"] = (Degraded, "spec.auth is missing"),
        ["a foreign Deployment in the way"] = (Degraded, "there is a Deployment of that name"),
    };

    public static TheoryData<string> CampaignScenesOf { get; } = [.. CampaignScenes.Names];

    public static TheoryData<string> PoolScenesOf { get; } = [.. PoolScenes.Names];

    [Theory]
    [MemberData(nameof(CampaignScenesOf))]
    public async Task Campaign_IsShownAs(string scene) =>
        (await ArgoHealth.OfAsync("PushCampaign", Text(CampaignScenes.Of(scene)))).ShouldBe(Campaigns[scene]);

    [Theory]
    [MemberData(nameof(PoolScenesOf))]
    public async Task Pool_IsShownAs(string scene) =>
        (await ArgoHealth.OfAsync("PushPool", Text(PoolScenes.Of(scene)))).ShouldBe(Pools[scene]);

    [Theory]
    [InlineData("PushCampaign")]
    [InlineData("PushPool")]
    public async Task Nothing_ButNameAndGeneration_IsProgressing(string kind)
    {
        JsonObject fresh = new() { ["metadata"] = new JsonObject { ["name"] = "x", ["generation"] = 1 } };
        JsonObject empty = new() { ["metadata"] = new JsonObject { ["name"] = "x", ["generation"] = 1 }, ["status"] = new JsonObject { ["observedGeneration"] = 1 } };

        (await ArgoHealth.OfAsync(kind, fresh)).Status.ShouldBe(Progressing);
        (await ArgoHealth.OfAsync(kind, empty)).Status.ShouldBe(Progressing);
    }

    [Theory]
    [InlineData("PushCampaign")]
    [InlineData("PushPool")]
    public void ConfigMap_HoldsTheSameScript(string kind)
    {
        string settings = File.ReadAllText(Path.Combine(ResourceTable.Root, "crds", "gitops", "argocd", "argocd-cm.yaml"));

        YamlJson.Documents(settings)[0]["data"]![$"resource.customizations.health.pushplatform.io_{kind}"]!.GetValue<string>()
            .ShouldBe(File.ReadAllText(ArgoHealth.PathOf(kind)));
    }

    private static JsonObject Text<TEntity>(TEntity entity)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => JsonSerializer.SerializeToNode(entity, Json.TypeInfo<TEntity>())!.AsObject();
}
