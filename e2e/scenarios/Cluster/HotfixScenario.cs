using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// A person pushes a hotfix to 2,000 cars: half of them come through the Service, half through nginx. Some are in a tunnel when it starts, some lose their link in the
/// middle, some are of another model. Each target is told once.
/// </summary>
internal sealed class HotfixScenario : IClusterScenario
{
    private const int Half = 1_000;
    private const int InTunnel = 50;
    private const int Dropping = 100;
    private const int OfAnotherModel = 100;
    private const string Sample = "brake-hotfix.yaml";
    private static readonly (double, double) InArea = (48.137, 11.575);

    public string Name => "hotfix";

    public string Story => "2,000 cars through Service and nginx, some away, some cut off in the middle, are told once each";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        string run = stage.NewRun();
        string name = $"hotfix-{run}";
        await using VehicleFleet direct = new(new FleetOptions { Endpoints = [stage.Options.Service], Time = stage.Time });
        await using VehicleFleet proxied = new(new FleetOptions { Endpoints = [stage.Options.Nginx], Time = stage.Time });
        FleetGroup steady = direct.Add(Cars("steady", Half - InTunnel, "x7", run));
        FleetGroup tunnel = direct.Add(Cars("tunnel", InTunnel, "x7", run));
        FleetGroup behindNginx = proxied.Add(Cars("nginx", Half, "x7", run));
        FleetGroup others = proxied.Add(Cars("other", OfAnotherModel, "x5", run));
        await Task.WhenAll(new[] { steady, tunnel, behindNginx, others }.Select(group => group.ConnectAsync(cancellationToken)));
        stage.Say($"{direct.ConnectedCount} cars are connected through the Service, {proxied.ConnectedCount} through nginx; {InTunnel} drive into a tunnel");
        await tunnel.DisconnectAsync();

        await stage.ApplyAsync(Campaign(stage, name, run), cancellationToken);
        PushCampaign held = await stage.WhenAsync(
            name, "the preview", status => status.Preview is { Matched: 2 * Half } preview && preview.Online == (2 * Half) - InTunnel, cancellationToken);
        stage.Say($"On hold, {held.Status!.Preview!.Matched} cars match and {held.Status.Preview.Online} are online. The hold is lifted");
        await stage.SuspendAsync(name, false, cancellationToken);
        await stage.WhenAsync(name, "the push to be on its way", status => status.Counts?.Delivered > Half / 2, cancellationToken);
        behindNginx.Break(LinkBreak.Reset, Dropping);
        stage.Say($"{Dropping} cars lose their link to nginx");

        await stage.WhenTrueAsync(name, "Pushed", cancellationToken);
        stage.Say("Everybody online was told. The cars leave the tunnel");
        await tunnel.ConnectAsync(cancellationToken);
        PushCampaign complete = await stage.WhenTrueAsync(name, "Complete", cancellationToken);
        return await JudgeAsync(stage, complete, [steady, tunnel, behindNginx], others, cancellationToken);
    }

    private static async Task<ScenarioOutcome> JudgeAsync(
        ClusterStage stage, PushCampaign campaign, FleetGroup[] targets, FleetGroup others, CancellationToken cancellationToken)
    {
        List<SimulatedVehicle> told = [.. targets.SelectMany(group => group.Vehicles)];
        await using LedgerAndCars ledger = await stage.OpenLedgerAsync(cancellationToken);
        List<string> faults = [.. await ledger.FaultsAsync(campaign, told, others.Vehicles, cancellationToken)];
        CampaignCounts counts = campaign.Status?.Counts ?? new CampaignCounts();
        if (counts.Delivered != told.Count || counts.CaughtUp != InTunnel)
        {
            faults.Add($"the status says delivered {counts.Delivered} and caughtUp {counts.CaughtUp}, and must say {told.Count} and {InTunnel}");
        }
        await stage.DeleteAsync(campaign.Metadata.Name!, cancellationToken);
        return new ScenarioOutcome(told.Count + others.Vehicles.Count, told.Count(car => Shown(car) == 0), told.Count(car => Shown(car) > 1), faults);
    }

    private static PushCampaign Campaign(ClusterStage stage, string name, string run)
    {
        PushCampaign campaign = Manifests.Sample<PushCampaign>(Checkout.OfThisBuild().Root, Sample);
        campaign.Metadata.Name = name;
        campaign.Metadata.NamespaceProperty = stage.Options.Namespace;
        campaign.Spec = campaign.Spec with
        {
            CampaignId = $"e2e/{name}",
            Suspend = true,
            Targets = campaign.Spec.Targets with { Selector = new() { MatchLabels = new Dictionary<string, string> { ["model"] = "x7", ["run"] = run } } },
        };
        return campaign;
    }

    private static VehicleGroup Cars(string name, int count, string model, string run) => new($"{run}-{name}", count)
    {
        Labels = new Dictionary<string, string> { ["model"] = model, ["run"] = run },
        Center = InArea,
        RadiusMeters = 15_000,
    };

    private static int Shown(SimulatedVehicle car) => car.Seen.Sum(seen => seen.Shown);
}
