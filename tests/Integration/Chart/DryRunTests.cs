using PushPlatform.DryCampaign;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>What <c>helm test</c> runs, against the shipped operator and node.</summary>
public sealed class DryRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AWorkingInstallation_IsFoundToWork_AgainAndAgain_AndABrokenOneIsNot()
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions { Nodes = 1 }, Token);
        using KubernetesClient kubernetes = new(KubeConfigLoader.LoadFiles([stage.KubeconfigPath]), DryRun.Json);
        DryRunOptions options = new() { Namespace = Manifests.Namespace, Campaign = "dry", Pool = Manifests.Pool, Endpoint = stage.VehicleEndpoint, Vid = "helm-test-car" };

        (await new DryRun(options).FaultAsync(kubernetes, Token)).ShouldBeNull();
        (await new DryRun(options).FaultAsync(kubernetes, Token)).ShouldBeNull("what the first one left is in nobody's way");

        string? elsewhere = await new DryRun(options with { Endpoint = new Uri("ws://127.0.0.1:1/ws"), Timeout = TimeSpan.FromSeconds(5) }).FaultAsync(kubernetes, Token);
        elsewhere.ShouldNotBeNull().ShouldContain("the car is not connected");
        string? otherPool = await new DryRun(options with { Pool = "other", Timeout = TimeSpan.FromSeconds(5) }).FaultAsync(kubernetes, Token);
        otherPool.ShouldNotBeNull().ShouldContain("the car is connected, and the campaign says");
    }
}
