using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.LocalCluster;
using PushPlatform.Tests.Integration.Operator;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.GitOps;

/// <summary>A tool prunes everything that a namespace holds, and another one puts it back, as after a move from Flux to Argo CD or a restored cluster (G10).</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class ReapplyTests(SingleRedis redis) : IAsyncLifetime
{
    private const string Manifests = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: fleet}
        data:
          vids: |
            car-0
            car-1
            car-2
        ---
        apiVersion: pushplatform.io/v1alpha1
        kind: PushPool
        metadata: {name: default}
        spec:
          auth: {type: None}
        ---
        apiVersion: pushplatform.io/v1alpha1
        kind: PushCampaign
        metadata: {name: brakes}
        spec:
          patch: {id: brake-ecu, version: 4.2.1}
          targets: {all: true}
        ---
        apiVersion: pushplatform.io/v1alpha1
        kind: PushCampaign
        metadata: {name: listed}
        spec:
          patch: {id: brake-ecu, version: 4.2.2}
          targets:
            vidsFrom:
              - configMapKeyRef: {name: fleet, key: vids}

        """;

    private readonly string _home = Directory.CreateTempSubdirectory("push-kubectl-").FullName;
    private OperatorStage _stage = null!;
    private Kubectl _kubectl = null!;

    public async ValueTask InitializeAsync()
    {
        _stage = await OperatorStage.StartAsync(redis);
        _kubectl = new Kubectl(_stage.KubeconfigPath, _home);
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task PrunedAndAppliedByAnotherTool_SendsNothingAgain()
    {
        OrdersNode node = await _stage.AddNodeAsync("node-1");
        Car[] cars = [.. Enumerable.Range(0, 6).Select(i => new Car($"car-{i}"))];
        await TestPool.ConnectAsync(node, cars);
        await _stage.StartOperatorAsync();

        await ApplyAsync("kustomize-controller");
        await BothAreCompletedAsync();
        int[] told = [.. cars.Select(car => car.Pushes)];
        told.ShouldBe([2, 2, 2, 1, 1, 1]);

        await _kubectl.SucceedAsync(Manifests, "-n", _stage.Namespace, "delete", "--wait=false", "-f", "-");
        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null && await _stage.CampaignAsync("listed") is null, "the finalizers let them go");
        await ApplyAsync("argocd-controller");
        await BothAreCompletedAsync();

        cars.Select(car => car.Pushes).ShouldBe(told);
        (await _stage.CountAsync("delivered")).ShouldBe(6);
        (await _stage.CountAsync("delivered", "listed")).ShouldBe(3);
        (await _stage.EventReasonsAsync()).Count(reason => reason == "Started").ShouldBe(2);
    }

    private Task ApplyAsync(string manager) =>
        _kubectl.SucceedAsync(Manifests, "-n", _stage.Namespace, "apply", "--server-side", "--force-conflicts", $"--field-manager={manager}", "-f", "-");

    private async Task BothAreCompletedAsync()
    {
        await _stage.UntilPhaseAsync("Completed");
        await _stage.UntilPhaseAsync("Completed", "listed");
    }
}
