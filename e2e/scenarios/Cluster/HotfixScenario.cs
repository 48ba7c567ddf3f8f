using PushPlatform.Fleet;
using PushPlatform.Operator.Api;

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
    private const int MaxPerSecond = 200;

    public string Name => "hotfix";

    public string Story => "2,000 cars through Service and nginx, some away, some cut off in the middle, are told once each";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        ScenarioRun run = new(stage, Name);
        await using VehicleFleet direct = stage.NewFleet(stage.Options.Service);
        await using VehicleFleet proxied = stage.NewFleet(stage.Options.Nginx);
        FleetGroup steady = direct.Add(run.Cars("steady", Half - InTunnel));
        FleetGroup tunnel = direct.Add(run.Cars("tunnel", InTunnel));
        FleetGroup behindNginx = proxied.Add(run.Cars("nginx", Half));
        FleetGroup others = proxied.Add(run.Cars("other", OfAnotherModel, "x5"));
        await Task.WhenAll(new[] { steady, tunnel, behindNginx, others }.Select(group => group.ConnectAsync(cancellationToken)));
        stage.Say($"{direct.ConnectedCount} cars are connected through the Service, {proxied.ConnectedCount} through nginx; {InTunnel} drive into a tunnel");
        await tunnel.DisconnectAsync();

        await stage.ApplyAsync(run.HeldCampaign(MaxPerSecond), cancellationToken);
        PushCampaign held = await stage.WhenAsync(
            run.Name, "the preview", status => status.Preview is { Matched: 2 * Half } preview && preview.Online == (2 * Half) - InTunnel, cancellationToken);
        stage.Say($"On hold, {held.Status!.Preview!.Matched} cars match and {held.Status.Preview.Online} are online. The hold is lifted");
        await stage.SuspendAsync(run.Name, false, cancellationToken);
        await stage.WhenAsync(run.Name, "the push to be on its way", status => status.Counts?.Delivered > Half / 2, cancellationToken);
        behindNginx.Break(LinkBreak.Reset, Dropping);
        stage.Say($"{Dropping} cars lose their link to nginx");

        await stage.WhenTrueAsync(run.Name, "Pushed", cancellationToken);
        stage.Say("Everybody online was told. The cars leave the tunnel");
        await tunnel.ConnectAsync(cancellationToken);
        PushCampaign complete = await stage.WhenTrueAsync(run.Name, "Complete", cancellationToken);
        return await run.JudgeAsync(complete, [.. steady.Vehicles, .. tunnel.Vehicles, .. behindNginx.Vehicles], others.Vehicles, InTunnel, cancellationToken);
    }
}
