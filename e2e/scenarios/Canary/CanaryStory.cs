using System.Text.Json.Nodes;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Demo;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Canary;

/// <summary>A patch that fails on a third of the cars goes out step by step, is stopped by its own limit after the first few, and a better one reaches all.</summary>
internal sealed class CanaryStory : IStory
{
    private const string Bad = "4.2.1";
    private const string Good = "4.2.2";
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(3);

    private readonly IDemoView _view;
    private readonly TimeProvider _time;
    private readonly VehicleFleet _fleet;
    private readonly FleetGroup _steady;
    private readonly FleetGroup _fragile;
    private readonly FleetGroup _away;
    private readonly StagedCampaign _campaign;

    public CanaryStory(Stage stage, int vehicles, IDemoView view, TimeProvider time)
    {
        (_view, _time) = (view, time);
        int away = vehicles / 10;
        int fragile = vehicles * 3 / 10;
        _fleet = stage.NewFleet();
        _steady = _fleet.Add(new VehicleGroup("steady", vehicles - away - fragile));
        _fragile = _fleet.Add(new VehicleGroup("fragile", fragile) { FailingVersion = Bad });
        _away = _fleet.Add(new VehicleGroup("away", away));
        PushCampaign resource = new()
        {
            Metadata = new() { Name = "canary", NamespaceProperty = Manifests.Namespace },
            Spec = new()
            {
                PoolRef = new() { Name = Manifests.Pool },
                Patch = new() { Id = "brake-ecu", Version = Bad },
                Targets = new() { All = true },
                Pace = new() { MaxPerSecond = 500 },
                Rollout = new()
                {
                    Steps = [Step(1), Step(10), Step(100)],
                    AbortWhen = [new() { Percent = 5, MinSamples = 3 }],
                },
            },
        };
        _campaign = new StagedCampaign(stage, resource, _fleet, view, time);
    }

    public async Task<StoryReport> PlayAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_fleet.Groups.Select(group => group.ConnectAsync(cancellationToken)));
        await _away.DisconnectAsync();
        _view.Say($"{_fleet.ConnectedCount} cars are connected, {_away.Vehicles.Count} more are known and away");
        await _campaign.ApplyHeldAsync(cancellationToken);
        await _campaign.WhenAsync("the preview", status => status.Preview?.Online == _steady.Vehicles.Count + _fragile.Vehicles.Count, cancellationToken);

        long start = _time.GetTimestamp();
        _view.Say($"Version {Bad} goes out: 1 %, 10 %, then all, unless more than 5 % of the answers are bad. Nobody knows that a third of the cars cannot take it");
        await _campaign.LetGoAsync(cancellationToken);
        PushCampaignStatus stopped = await _campaign.WhenAsync("the limit to stop it", status => PauseOf(status)?.Reason == "LimitExceeded", cancellationToken);
        _view.Say($"It has stopped by itself: {PauseOf(stopped)!.Message}");
        int toldBad = await StaysStoppedAsync(cancellationToken);

        _view.Say($"Revision 2 with version {Good}, in the same steps");
        await _campaign.ChangeAsync(new JsonObject { ["revision"] = 2, ["patch"] = new JsonObject { ["version"] = Good } }, cancellationToken);
        await _campaign.WhenAsync("the last step", status => status is { Revision: 2, CurrentStep: 3 }, cancellationToken);
        _view.Say($"The last step is open; {_away.Vehicles.Count} cars come back");
        await _away.ConnectAsync(cancellationToken);
        PushCampaignStatus final = await _campaign.WhenAsync(
            "Completed", status => status is { Revision: 2, Phase: CampaignPhase.Completed }, cancellationToken);
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        return Report(stopped, toldBad, final, await _campaign.AuditAsync(cancellationToken), seconds);
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    private static RolloutStep Step(int percent) => new() { Percent = percent, PauseSeconds = (int)Watch.TotalSeconds, MinSamples = 3 };

    private static Kubernetes.Models.V1Condition? PauseOf(PushCampaignStatus status) =>
        status.Conditions?.FirstOrDefault(condition => condition is { Type: "Paused", Status: "True" });

    /// <returns>How many cars the bad version had reached when it stopped: longer than any answer takes after it, as many as at once.</returns>
    private async Task<int> StaysStoppedAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Watch, _time, cancellationToken);
        int told = Seen(1).Count();
        await Task.Delay(Watch, _time, cancellationToken);
        int later = Seen(1).Count();
        _view.Say($"{told} of {_fleet.Vehicles.Count()} cars have seen it, and {later - told} more since");
        return later;
    }

    private CanaryReport Report(PushCampaignStatus stopped, int toldBad, PushCampaignStatus final, AuditReport audit, double seconds)
    {
        StepStatus[] steps = [.. final.Steps ?? []];
        CampaignCounts counts = final.Counts ?? new CampaignCounts();
        CanaryReport report = new()
        {
            Vehicles = _fleet.Vehicles.Count(),
            StoppedBy = PauseOf(stopped)?.Message ?? "",
            StoppedInStep = stopped.CurrentStep ?? 0,
            SawBadVersion = toldBad,
            Steps = [.. steps.Where(step => step.StartedAt is not null).Select(step => new CanaryStep(step.Size ?? 0, step.Attempted, step.Delivered, step.Failed))],
            SawBeforeStep2 = Before(steps, 2),
            SawBeforeStep3 = Before(steps, 3),
            Targeted = counts.Targeted,
            Delivered = counts.Delivered,
            Missed = _fleet.Vehicles.Count(car => ShownOf(car, 2) == 0),
            SeenTwice = _fleet.Vehicles.Count(car => ShownOf(car, 1) > 1 || ShownOf(car, 2) > 1),
            Seconds = Math.Round(seconds, 1),
            Phase = final.Phase?.ToString() ?? "",
            Faults = [],
        };
        return report with { Faults = [.. Faults(report), .. audit.Differences] };
    }

    private static IEnumerable<string> Faults(CanaryReport report)
    {
        (string What, long Is, long MustBe)[] exact =
        [
            ("targeted", report.Targeted, report.Vehicles),
            ("delivered", report.Delivered, report.Vehicles),
            ("missed", report.Missed, 0),
            ("seen twice", report.SeenTwice, 0),
        ];
        (string What, long Is, long Most)[] bounds =
        [
            ("cars that saw the bad version", report.SawBadVersion, Reach(report, report.StoppedInStep)),
            ("cars that saw the good one before step 2", report.SawBeforeStep2, Reach(report, 1)),
            ("cars that saw the good one before step 3", report.SawBeforeStep3, Reach(report, 2)),
        ];
        return exact.Where(check => check.Is != check.MustBe).Select(check => $"{check.What}: {check.Is}, must be {check.MustBe}")
            .Concat(bounds.Where(check => check.Is > check.Most).Select(check => $"{check.What}: {check.Is}, must be at most {check.Most}"));
    }

    // The targets are the same in both revisions, and so are the sizes of the steps.
    private static long Reach(CanaryReport report, int step) => report.Steps.Take(step).Sum(size => size.Size);

    private int Before(StepStatus[] steps, int number) =>
        steps.ElementAtOrDefault(number - 1)?.StartedAt is { } opened ? Seen(2).Count(seen => seen.FirstAt < opened) : 0;

    private IEnumerable<SeenDelivery> Seen(int revision) => _fleet.Vehicles.SelectMany(car => car.Seen).Where(seen => IsOf(seen, revision));

    private static int ShownOf(SimulatedVehicle car, int revision) => car.Seen.Where(seen => IsOf(seen, revision)).Sum(seen => seen.Shown);

    private static bool IsOf(SeenDelivery seen, int revision) => seen.Delivery.EndsWith($"#{revision}", StringComparison.Ordinal);
}
