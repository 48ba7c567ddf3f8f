using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// The samples of campaigns: what a person does about each beside applying it, how it ends, and how many cars are told. Where a sample would take days, its time is shortened when what
/// its comment says has been seen.
/// </summary>
internal sealed class SampleCampaigns
{
    private const int InTown = 60;
    private const int Outside = 60;
    private const int OfModel = InTown + Outside;
    // Two of the three that vehicles-by-vid.yaml lists.
    private const int Online = OfModel + 2;
    private const string LastFile = "vehicles-by-vid.yaml";

    private readonly ClusterStage _there;
    private readonly VehicleFleet _fleet;
    private readonly FleetGroup _neverSeen;
    private readonly Dictionary<string, Func<string, CancellationToken, Task<SampleEnd>>> _samples;

    /// <param name="there">Where the samples are applied.</param>
    /// <param name="endpoint">Where cars connect to the pool that they are for.</param>
    public SampleCampaigns(ClusterStage there, Uri endpoint)
    {
        (_there, _fleet) = (there, there.NewFleet(endpoint));
        _fleet.Add(Cars("town", InTown, 48.137, 11.575));
        _fleet.Add(Cars("country", Outside, 49.45, 11.08));
        _fleet.Add(Listed("listed", "WVWZZZ1JZXW000001", "WVWZZZ1JZXW000002"));
        _neverSeen = _fleet.Add(Listed("never", "test-bench:7"));
        SampleActs acts = new(there);
        _samples = new()
        {
            ["a-million-vehicles.yaml"] = (name, token) => acts.LeaveTheFileOutAsync(name, InTown, token),
            ["all-vehicles.yaml"] = All(Online),
            ["approved-by-a-person.yaml"] = (name, token) => acts.ApproveAsync(name, OfModel, token),
            ["area-polygon.yaml"] = All(Outside),
            ["brake-hotfix.yaml"] = All(InTown),
            ["canary.yaml"] = (name, token) => acts.TakeTheStepsOutAsync(name, Online, token),
            ["careful-first-hundred.yaml"] = All(100),
            ["dry-run.yaml"] = All(0),
            ["few-downloads-at-a-time.yaml"] = All(Online),
            ["fifty-are-online.yaml"] = All(Online),
            ["most-are-online.yaml"] = All(OfModel),
            ["not-twice-a-day.yaml"] = (name, token) => acts.NotWaitADayAsync(name, Online, token),
            ["not-while-they-sleep.yaml"] = (name, token) => acts.LetThemSleepAsync(name, Online, token),
            ["only-at-night.yaml"] = (name, token) => acts.WaitForNightAsync(name, Online, token),
            ["preview-first.yaml"] = (name, token) => acts.LookAndLetGoAsync(name, OfModel, token),
            ["push-again.yaml"] = All(OfModel),
            ["scheduled-at-night.yaml"] = (name, token) => acts.StartSoonAsync(name, Online, token),
            ["slowly-at-first.yaml"] = All(Online),
            ["slowly-to-those-that-come-back.yaml"] = All(Online),
            ["stops-by-itself.yaml"] = All(Online),
            ["take-it-back.yaml"] = All(Online),
            ["takes-the-place.yaml"] = All(Online),
            ["try-again.yaml"] = All(OfModel),
            ["until-installed.yaml"] = All(Online),
            ["vehicles-by-label.yaml"] = (name, token) => acts.ExpireWhenToldAsync(name, OfModel, token),
            ["vehicles-from-configmap.yaml"] = All(InTown),
            [LastFile] = (name, token) => acts.ConnectWhenOthersAreToldAsync(name, _neverSeen, 2, token),
        };
    }

    public async Task<ScenarioOutcome> PlayAsync(CancellationToken cancellationToken)
    {
        await using VehicleFleet fleet = _fleet;
        await Task.WhenAll(fleet.Groups.Where(group => group != _neverSeen).Select(group => group.ConnectAsync(cancellationToken)));
        _there.Say($"{Online} cars are connected");
        string town = string.Join('\n', fleet.Groups[0].Vehicles.Select(car => car.Vid));
        // One more that is in the workshop: the sample leaves it out.
        await _there.Kubectl.RunAsync(cancellationToken, "create", "configmap", "brake-recall", $"--from-literal=vids.txt={town}\nWVWZZZ1JZXW000009");
        foreach ((int part, string vids) in town.Split('\n').Chunk(InTown / 2).Select(vids => string.Join('\n', vids)).Index())
        {
            await _there.Kubectl.RunAsync(cancellationToken, "create", "configmap", $"recall-part-{part:00}", $"--from-literal=part={vids}");
        }
        string[] files = [.. SampleFiles.Of("PushCampaign")];
        // The last one's third car would be one more in the others.
        IEnumerable<string>[] faults = await Task.WhenAll(files.Where(file => file != LastFile).Select(file => FaultsAsync(file, cancellationToken)));
        IEnumerable<string> last = await FaultsAsync(LastFile, cancellationToken);
        int twice = fleet.Vehicles.Count(car => car.Seen.Any(seen => seen.Shown > 1));
        return new ScenarioOutcome(fleet.Vehicles.Count(), fleet.Vehicles.Count(car => car.Seen.Count == 0), twice, [.. faults.SelectMany(found => found), .. last]);
    }

    private static VehicleGroup Cars(string name, int count, double latitude, double longitude) => new(name, count)
    {
        Labels = new Dictionary<string, string> { ["model"] = "x7", ["region"] = "eu" },
        Center = (latitude, longitude),
        RadiusMeters = 1_000,
        Answer = VehicleAnswer.Installed,
    };

    private static VehicleGroup Listed(string name, params string[] vids) => new(name, vids.Length) { Vids = vids, Answer = VehicleAnswer.Installed };

    private static Func<string, CancellationToken, Task<SampleEnd>> All(int told) => (_, _) => Task.FromResult(SampleEnd.AllOf(told));

    private async Task<IEnumerable<string>> FaultsAsync(string file, CancellationToken cancellationToken)
    {
        if (!_samples.TryGetValue(file, out Func<string, CancellationToken, Task<SampleEnd>>? act))
        {
            return [$"{file}: nothing here says how it ends"];
        }
        try
        {
            string name = Path.GetFileNameWithoutExtension(file);
            // All at once, so each its own patch: of one patch they would wait for each other.
            JsonObject sample = SampleFiles.Read(file);
            sample["spec"]!["patch"]!["id"] = name;
            await _there.Kubectl.ApplyAsync(sample.ToJsonString(), cancellationToken);
            SampleEnd end = await act(name, cancellationToken);
            PushCampaign complete = await _there.WhenTrueAsync(name, "Complete", cancellationToken);
            return [.. Faults(end, complete).Select(fault => $"{file}: {fault}")];
        }
        catch (Exception otherwise) when (otherwise is TimeoutException or InvalidOperationException)
        {
            return [$"{file}: {otherwise.Message}"];
        }
    }

    private IEnumerable<string> Faults(SampleEnd end, PushCampaign complete)
    {
        string? reason = complete.Status.Conditions!.First(condition => condition.Type == "Complete").Reason;
        long delivered = complete.Status.Counts?.Delivered ?? 0;
        string delivery = LedgerAndCars.KeyOf(complete).DeliveryId;
        int told = _fleet.Vehicles.Count(car => car.Seen.Any(seen => seen.Delivery == delivery));
        _there.Say($"{complete.Metadata.Name}: {reason}, {told} cars were told");
        if (reason != end.Reason)
        {
            yield return $"it ended as {reason}, and must as {end.Reason}";
        }
        if (delivered != end.Told || told != end.Told)
        {
            yield return $"the status says that {delivered} were told, {told} cars were, and {end.Told} must be";
        }
    }
}
