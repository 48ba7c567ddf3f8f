using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Demo;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Hotfix;

/// <summary>A hotfix to a fleet that behaves as fleets do: cars are away, links break, a node dies, new cars appear.</summary>
internal sealed class HotfixStory : IStory
{
    private const string Sample = "brake-hotfix.yaml";

    // The centre of the sample's area, and a place well outside it.
    private static readonly (double, double) InArea = (48.137, 11.575);
    private static readonly (double, double) Elsewhere = (52.52, 13.405);

    private readonly Stage _stage;
    private readonly IDemoView _view;
    private readonly TimeProvider _time;
    private readonly Casting _cast;
    private readonly VehicleFleet _fleet;
    private readonly FleetGroup _steady;
    private readonly FleetGroup _dropping;
    private readonly FleetGroup _leavingEarly;
    private readonly FleetGroup _leavingLate;
    private readonly FleetGroup _otherModel;
    private readonly FleetGroup _otherPlace;
    private readonly FleetGroup _newDuring;
    private readonly FleetGroup _newAfter;
    private readonly StagedCampaign _campaign;

    public HotfixStory(Stage stage, int vehicles, IDemoView view, TimeProvider time)
    {
        (_stage, _view, _time) = (stage, view, time);
        _cast = Casting.For(vehicles);
        _fleet = stage.NewFleet();
        _steady = Cars("steady", _cast.Steady, "x7", InArea);
        _dropping = Cars("dropping", _cast.Dropping, "x7", InArea);
        _leavingEarly = Cars("away-early", _cast.LeavingEarly, "x7", InArea);
        _leavingLate = Cars("away-late", _cast.LeavingLate, "x7", InArea);
        _otherModel = Cars("other-model", _cast.OtherModel, "y2", InArea);
        _otherPlace = Cars("other-place", _cast.OtherPlace, "x7", Elsewhere);
        _newDuring = Cars("new-during", _cast.NewDuring, "x7", InArea);
        _newAfter = Cars("new-after", _cast.NewAfter, "x7", InArea);
        _campaign = new StagedCampaign(stage, Manifests.Sample<PushCampaign>(stage.Checkout.Root, Sample), _fleet, view, time);
    }

    public async Task<StoryReport> PlayAsync(CancellationToken cancellationToken)
    {
        FleetGroup[] known = [_steady, _dropping, _leavingEarly, _leavingLate, _otherModel, _otherPlace];
        await Task.WhenAll(known.Select(group => group.ConnectAsync(cancellationToken)));
        _view.Say($"{_fleet.ConnectedCount} cars are connected; {_cast.Matching} are of model x7 in the area");

        await _leavingEarly.DisconnectAsync();
        _view.Say($"{_cast.LeavingEarly} of these drive into a tunnel; then crds/samples/{Sample} is applied, on hold");
        await _campaign.ApplyHeldAsync(cancellationToken);
        await _campaign.WhenAsync("the preview", status => status.Preview?.Matched == _cast.Matching, cancellationToken);

        await _leavingLate.DisconnectAsync();
        PushCampaignStatus waiting = await _campaign.WhenAsync(
            "the preview to notice who left", status => status.Preview?.Online == _cast.Matching - _cast.Away, cancellationToken);
        _view.Say($"{_cast.LeavingLate} more leave. Before anything is sent: {waiting.Preview!.Matched} cars match, {waiting.Preview.Online} are online");

        long start = _time.GetTimestamp();
        _view.Say("The hold is lifted");
        await _campaign.LetGoAsync(cancellationToken);
        await _campaign.WhenAsync("the push to be on its way", status => status.Counts?.Delivered > _cast.Matching / 10, cancellationToken);
        await DisturbAsync(cancellationToken);

        await _campaign.WhenTrueAsync("Pushed", cancellationToken);
        _view.Say($"Pushed: every target that is online was told. {_cast.Away} cars come back, and {_cast.NewAfter} appear that were never seen before");
        await Task.WhenAll(_leavingEarly.ConnectAsync(cancellationToken), _leavingLate.ConnectAsync(cancellationToken), _newAfter.ConnectAsync(cancellationToken));

        PushCampaignStatus final = await _campaign.WhenTrueAsync("Complete", cancellationToken);
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        return Report(waiting, final, await _campaign.AuditAsync(cancellationToken), seconds);
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    private async Task DisturbAsync(CancellationToken cancellationToken)
    {
        _dropping.Break(LinkBreak.Reset);
        _view.Say($"{_cast.Dropping} cars lose their link, without a close frame");
        StagePod victim = (await _stage.Pods.NodesAsync(cancellationToken))[0];
        _stage.Pods.Kill(victim);
        _view.Say($"SIGKILL to {victim.Name}, one of the two nodes; its cars come back to whichever lives");
        await _newDuring.ConnectAsync(cancellationToken);
        _view.Say($"{_cast.NewDuring} cars appear that were never seen before");
    }

    private HotfixReport Report(PushCampaignStatus waiting, PushCampaignStatus final, AuditReport audit, double seconds)
    {
        FleetGroup[] targets = [_steady, _dropping, _leavingEarly, _leavingLate, _newDuring];
        FleetGroup[] others = [_otherModel, _otherPlace, _newAfter];
        CampaignCounts counts = final.Counts ?? new CampaignCounts();
        HotfixReport report = new()
        {
            Vehicles = _cast.Total,
            Matched = waiting.Preview!.Matched,
            Online = waiting.Preview.Online,
            Targeted = counts.Targeted,
            Delivered = counts.Delivered,
            Failed = counts.Failed,
            Missed = Cars(targets).Count(car => Shown(car) == 0),
            SeenTwice = _fleet.Vehicles.Count(car => Shown(car) > 1),
            SeenByNonTargets = Cars(others).Count(car => Shown(car) > 0),
            CaughtUp = counts.CaughtUp,
            Resends = counts.Resends,
            NodesKilled = 1,
            Seconds = Math.Round(seconds, 1),
            Phase = final.Phase?.ToString() ?? "",
            Faults = [],
        };
        return report with { Faults = [.. Faults(report), .. audit.Differences] };
    }

    private IEnumerable<string> Faults(HotfixReport report)
    {
        (string What, long Is, long MustBe)[] checks =
        [
            ("targeted", report.Targeted, _cast.Targets),
            ("delivered", report.Delivered, _cast.Targets),
            ("missed", report.Missed, 0),
            ("seen twice", report.SeenTwice, 0),
            ("seen by non-targets", report.SeenByNonTargets, 0),
            ("caught up", report.CaughtUp, _cast.Away),
        ];
        foreach ((string what, long found, long mustBe) in checks.Where(check => check.Is != check.MustBe))
        {
            yield return $"{what}: {found}, must be {mustBe}";
        }

        if (report.Phase != nameof(CampaignPhase.Completed))
        {
            yield return $"phase: {report.Phase}, must be {CampaignPhase.Completed}";
        }
    }

    private static IEnumerable<SimulatedVehicle> Cars(IEnumerable<FleetGroup> groups) => groups.SelectMany(group => group.Vehicles);

    private static int Shown(SimulatedVehicle car) => car.Seen.Sum(seen => seen.Shown);

    private FleetGroup Cars(string name, int count, string model, (double, double) place) => _fleet.Add(new VehicleGroup(name, count)
    {
        Labels = new Dictionary<string, string> { ["model"] = model },
        Center = place,
        RadiusMeters = 15_000,
    });
}
