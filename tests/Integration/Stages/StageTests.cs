using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Stages;

/// <summary>The stage that fault stories play on: real processes behind links that break.</summary>
public sealed class StageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ANodeLosesItsRedis_TheLeaderIsPaused_EachCarShowsTheNoticeOnce()
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions { Operators = 2, Links = true }, Token);
        await using VehicleFleet fleet = stage.NewFleet();
        FleetGroup targets = fleet.Add(new VehicleGroup("target", 40) { Labels = new Dictionary<string, string> { ["model"] = "x7" } });
        FleetGroup others = fleet.Add(new VehicleGroup("other", 10));
        await Task.WhenAll(targets.ConnectAsync(Token), others.ConnectAsync(Token));
        StagePod node = (await stage.Pods.NodesAsync(Token))[0];
        StagePod leader = (await stage.Pods.LeaderAsync(Token)).ShouldNotBeNull();

        await stage.ApplyAsync(Campaign(), Token);
        await stage.UntilAsync("the push to be on its way", _ => Task.FromResult(Seen(targets) > 5), Token);
        await stage.Pods.LinksOf(node).Redis.CutAsync();
        stage.Pods.Pause(leader);
        await stage.UntilAsync("the other operator to lead", async token => await stage.Pods.LeaderAsync(token) is { } now && now != leader, Token);
        stage.Pods.Resume(leader);
        stage.Pods.LinksOf(node).Heal();

        await stage.UntilAsync("Completed", async token => (await stage.CampaignAsync("brakes", token))?.Status?.Phase == CampaignPhase.Completed, Token);
        await using LedgerAndCars check = await LedgerAndCars.OpenAsync(stage, TimeProvider.System, Token);
        (await check.FaultsAsync((await stage.CampaignAsync("brakes", Token))!, targets.Vehicles, others.Vehicles, Token)).ShouldBeEmpty();
    }

    private static int Seen(FleetGroup cars) => cars.Vehicles.Count(car => car.Seen.Count > 0);

    private static PushCampaign Campaign() => new()
    {
        Metadata = new V1ObjectMeta { Name = "brakes", NamespaceProperty = Manifests.Namespace },
        Spec = new PushCampaignSpec
        {
            Patch = new Patch { Id = "brake-ecu", Version = "4.2.1" },
            Targets = new Targets { Selector = new TargetSelector { MatchLabels = new Dictionary<string, string> { ["model"] = "x7" } } },
            Pace = new Pace { MaxPerSecond = 4 },
        },
    };
}
