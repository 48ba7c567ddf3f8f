using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.LocalCluster.Api;
using PushPlatform.Operator.Inquiry;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.Operator;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>The operator with the rights that the chart gives it, on an API server that refuses all others: it needs no more, and there is none that it does not use.</summary>
public sealed class OperatorRightsTests(SingleRedis redis) : IClassFixture<SingleRedis>
{
    /// <summary>What this story does not bring about, and who needs it.</summary>
    private static readonly string[] NotUsedHere =
    [
        "patch events.events.k8s.io", // the count of an event that comes again, after ten seconds at the earliest
        "update pushpools/finalizers.pushplatform.io", // asked by OwnerReferencesPermissionEnforcement, not by a request of its own
    ];

    [Fact]
    public async Task APoolAndACampaignsLife_NeedsAllRightsOfTheChart_AndNoOther()
    {
        HashSet<Right> granted = await GrantedAsync();
        ConcurrentDictionary<Right, bool> needed = new();
        await using OperatorStage stage = await OperatorStage.StartAsync(redis, new LocalApiOptions
        {
            Allow = request =>
            {
                // The test itself has no name.
                if (request.Headers.UserAgent.Count == 0)
                {
                    return true;
                }
                IReadOnlyList<Right> rights = Right.Needed(request);
                rights.ToList().ForEach(right => needed.TryAdd(right, true));
                return rights.All(granted.Contains);
            },
        });
        IHost running = await stage.StartOperatorAsync(LeaderElectionType.Single);
        await stage.CreateConfigMapAsync("cars", "vids", "VIN-1");
        await stage.CreatePoolAsync();
        await stage.PatchPoolAsync("""{"spec":{"redisSecretRef":{"name":"missing"}}}""");
        await stage.AddNodeAsync("node-1");
        await stage.ApproveAsync("alice", campaign: "none");
        await stage.CreateCampaignAsync((JsonObject)JsonNode.Parse("""
            {"targets":{"vidsFrom":[{"configMapKeyRef":{"name":"cars","key":"vids"}}]},"abort":true,"ttlSecondsAfterFinished":0}
            """)!);

        ICallerRights callers = running.Services.GetRequiredService<ICallerRights>();
        (await callers.MayAsync((await callers.WhoAsync("somebody", CancellationToken.None))!, InquiryRight.Deliveries(stage.Namespace, "brakes"), CancellationToken.None)).ShouldBeTrue();
        await TestPool.UntilAsync(async () => (await stage.EventNotesAsync("SecretNotFound")).Count > 0, "the pool says which Secret it lacks");
        await TestPool.UntilAsync(async () => await stage.CampaignAsync() is null, "the campaign is gone");
        await TestPool.UntilAsync(() => Task.FromResult(needed.ContainsKey(new Right("patch", "pushcampaignapprovals/status.pushplatform.io"))), "the approval is answered");
        await stage.PretendPodsAsync();
        await stage.PatchPoolAsync("""{"spec":{"replicas":1}}""");
        await TestPool.UntilAsync(() => Task.FromResult(needed.ContainsKey(new Right("patch", "pods"))), "one pod is marked, to be drained");
        await TestPool.UntilAsync(() => Task.FromResult(needed.ContainsKey(new Right("patch", "leases.coordination.k8s.io"))), "the lease is renewed");

        needed.Keys.Except(granted).ShouldBeEmpty("missing in the chart");
        granted.Except(needed.Keys).Select(right => right.ToString()).ShouldBe(NotUsedHere, ignoreOrder: true, "too much in the chart");
    }

    private static async Task<HashSet<Right>> GrantedAsync() =>
        [.. (await Helm.RenderAsync("trial-values.yaml", "--set", "rbac.readPoolSecrets=true"))
            .Where(item => (string?)item["kind"] is "Role" or "ClusterRole" && (string?)item["metadata"]!["labels"]!["app.kubernetes.io/component"] == "operator")
            .SelectMany(Right.Granted)];
}
