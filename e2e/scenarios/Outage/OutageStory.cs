using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Demo;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Outage;

/// <summary>A full node is pushed to at full speed, and in the middle of it RabbitMQ and Redis are restarted.</summary>
internal sealed class OutageStory : IStory
{
    public const int MaxPerSecond = 5_000;

    private readonly Stage _stage;
    private readonly IDemoView _view;
    private readonly TimeProvider _time;
    private readonly VehicleFleet _fleet;
    private readonly FleetGroup _cars;
    private readonly StagedCampaign _campaign;

    private OutageStory(Stage stage, Uri node, int vehicles, IDemoView view, TimeProvider time)
    {
        (_stage, _view, _time) = (stage, view, time);
        _fleet = new VehicleFleet(new FleetOptions { Endpoints = [node], ConnectsPerSecond = 1_000, Time = time });
        _cars = _fleet.Add(new VehicleGroup("car", vehicles));
        PushCampaign resource = new()
        {
            Metadata = new() { Name = "outage", NamespaceProperty = Manifests.Namespace },
            Spec = new()
            {
                PoolRef = new() { Name = Manifests.Pool },
                Patch = new() { Id = "brake-ecu", Version = "4.2.1" },
                Targets = new() { All = true },
                Pace = new() { MaxPerSecond = MaxPerSecond },
            },
        };
        _campaign = new StagedCampaign(stage, resource, _fleet, view, time);
    }

    public static async Task<OutageStory> OnAsync(Stage stage, int vehicles, IDemoView view, TimeProvider time, CancellationToken cancellationToken)
    {
        // Past the Service, whose forwarder would need two descriptors more for each car than this process may have.
        Uri node = stage.VehicleEndpointOf((await stage.Pods.NodesAsync(cancellationToken))[0]);
        return new OutageStory(stage, node, vehicles, view, time);
    }

    public async Task<StoryReport> PlayAsync(CancellationToken cancellationToken)
    {
        await _cars.ConnectAsync(cancellationToken);
        _view.Say($"{_fleet.ConnectedCount} cars are connected, all to one node");
        await _campaign.ApplyHeldAsync(cancellationToken);
        await _campaign.WhenAsync("the preview", status => status.Preview?.Online == _cars.Vehicles.Count, cancellationToken);

        long start = _time.GetTimestamp();
        _view.Say($"The hold is lifted: {MaxPerSecond} cars a second");
        await _campaign.LetGoAsync(cancellationToken);
        Task<ServerRestart[]> restarts = Task.WhenAll(
            RestartAsync("RabbitMQ", _stage.Rabbit, _cars.Vehicles.Count / 10, cancellationToken),
            RestartAsync("Redis", _stage.Redis, _cars.Vehicles.Count / 3, cancellationToken));
        Task<double> completed = CompletedAsync(start, cancellationToken);
        await Task.WhenAll(restarts, completed);
        return await ReportAsync(await restarts, await completed, cancellationToken);
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    private async Task<ServerRestart> RestartAsync(string name, LocalServer server, int whenSeen, CancellationToken cancellationToken)
    {
        int seen = 0;
        await _stage.UntilAsync($"{whenSeen} cars to see the notice", _ => Task.FromResult((seen = CarsThatSaw()) >= whenSeen), cancellationToken);
        _view.Say($"{name} is restarted; {seen} cars have seen the notice");
        long stopped = _time.GetTimestamp();
        await server.RestartAsync(cancellationToken);
        double away = _time.GetElapsedTime(stopped).TotalSeconds;
        _view.Say($"{name} is back");
        return new ServerRestart(seen, Math.Round(away, 1));
    }

    /// <returns>The seconds since <paramref name="start"/>.</returns>
    private async Task<double> CompletedAsync(long start, CancellationToken cancellationToken)
    {
        await _campaign.WhenTrueAsync("Complete", cancellationToken);
        return Math.Round(_time.GetElapsedTime(start).TotalSeconds, 1);
    }

    private int CarsThatSaw() => _cars.Vehicles.Count(car => car.Seen.Count > 0);

    private async Task<OutageReport> ReportAsync(ServerRestart[] restarts, double seconds, CancellationToken cancellationToken)
    {
        PushCampaignStatus final = await _campaign.WhenTrueAsync("Complete", cancellationToken);
        AuditReport audit = await _campaign.AuditAsync(cancellationToken);
        FleetReport fleet = _fleet.Report();
        CampaignCounts counts = final.Counts ?? new CampaignCounts();
        OutageReport report = new()
        {
            Vehicles = fleet.Vehicles,
            MaxPerSecond = MaxPerSecond,
            Targeted = counts.Targeted,
            Delivered = counts.Delivered,
            Missed = _cars.Vehicles.Count(car => car.Seen.Sum(seen => seen.Shown) == 0),
            SeenTwice = _cars.Vehicles.Count(car => car.Seen.Sum(seen => seen.Shown) > 1),
            Resends = counts.Resends,
            PeakPerSecond = Peak([.. _cars.Vehicles.SelectMany(car => car.Seen).Select(seen => seen.FirstAt).Order()]),
            Disconnects = fleet.Disconnects.Values.Sum(),
            RabbitMq = restarts[0],
            Redis = restarts[1],
            Seconds = seconds,
            Phase = final.Phase?.ToString() ?? "",
            Faults = [],
        };
        return report with { Faults = [.. Faults(report), .. audit.Differences] };
    }

    private static IEnumerable<string> Faults(OutageReport report)
    {
        (string What, long Is, long MustBe)[] checks =
        [
            ("targeted", report.Targeted, report.Vehicles),
            ("delivered", report.Delivered, report.Vehicles),
            ("missed", report.Missed, 0),
            ("seen twice", report.SeenTwice, 0),
        ];
        foreach ((string what, long found, long mustBe) in checks.Where(check => check.Is != check.MustBe))
        {
            yield return $"{what}: {found}, must be {mustBe}";
        }

        if (report.Redis.SeenBefore >= report.Vehicles || report.RabbitMq.SeenBefore >= report.Vehicles)
        {
            yield return "the push was over before both servers were restarted";
        }

        if (report.Phase != nameof(CampaignPhase.Completed))
        {
            yield return $"phase: {report.Phase}, must be {CampaignPhase.Completed}";
        }
    }

    /// <summary>The most of these moments, in order, that lie within one second.</summary>
    private static int Peak(DateTimeOffset[] moments)
    {
        int most = 0;
        for (int first = 0, last = 0; last < moments.Length; last++)
        {
            while (moments[last] - moments[first] >= TimeSpan.FromSeconds(1))
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }
}
