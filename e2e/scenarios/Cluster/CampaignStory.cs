using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>A campaign to cars of this run alone, half of them through the Service and half through nginx. It goes slowly until <see cref="EndAsync"/>, so that things can happen meanwhile.</summary>
internal sealed class CampaignStory : IAsyncDisposable
{
    private const int Slowly = 3;
    private const int Quickly = 500;

    private readonly ClusterStage _stage;
    private readonly ScenarioRun _run;
    private readonly VehicleFleet _direct;
    private readonly VehicleFleet _proxied;
    private readonly List<string> _faults = [];

    private CampaignStory(ClusterStage stage, string scenario)
    {
        (_stage, _run) = (stage, new ScenarioRun(stage, scenario));
        _direct = stage.NewFleet(stage.Options.Service);
        _proxied = stage.NewFleet(stage.Options.Nginx);
    }

    /// <summary>The campaign's.</summary>
    public string Name => _run.Name;

    public IReadOnlyList<SimulatedVehicle> Cars => [.. _direct.Vehicles, .. _proxied.Vehicles];

    public IReadOnlyList<SimulatedVehicle> BehindNginx => [.. _proxied.Vehicles];

    /// <summary>Cars that saw the notice.</summary>
    public int Told => Cars.Count(car => car.Seen.Count > 0);

    /// <summary>Connects cars; the push has begun when this returns.</summary>
    public static async Task<CampaignStory> BeginAsync(ClusterStage stage, string scenario, int cars, CancellationToken cancellationToken)
    {
        CampaignStory story = new(stage, scenario);
        try
        {
            await story.ConnectAsync(story._direct, "direct", cars / 2, cancellationToken);
            await story.ConnectAsync(story._proxied, "nginx", cars - (cars / 2), cancellationToken);
            stage.Say($"{cars} cars are connected, half of them through nginx");
            await story.PushAsync(cancellationToken);
        }
        catch
        {
            await story.DisposeAsync();
            throw;
        }
        return story;
    }

    /// <summary>Does something in mid-campaign, which is a fault of the story when it was over by then.</summary>
    public async Task MeanwhileAsync(string what, Func<Task> happens)
    {
        int before = Told;
        _stage.Say($"{before} of {Cars.Count} cars are told. {what}");
        long begin = _stage.Time.GetTimestamp();
        await happens();
        _stage.Say($"Over after {_stage.Time.GetElapsedTime(begin).TotalSeconds:0} s");
        if (before == Cars.Count)
        {
            _faults.Add($"the campaign was over before this happened: {what}");
        }
    }

    /// <summary>The notice is to reach <paramref name="more"/> cars beyond those that have it.</summary>
    public async Task WhenMoreAreToldAsync(int more, CancellationToken cancellationToken)
    {
        int enough = Math.Min(Told + more, Cars.Count);
        await _stage.UntilAsync($"{enough} cars to be told", _ => Task.FromResult(Told >= enough), cancellationToken, () => $"{Told} are.");
    }

    /// <summary>Every car is to be at another node than the one that it came to first.</summary>
    public Task WhenAllHaveMovedAsync(CancellationToken cancellationToken) =>
        _stage.UntilAsync("every car to be at a new node", _ => Task.FromResult(Cars.All(car => car.IsConnected && car.Connects > 1)), cancellationToken);

    public void Fault(string fault) => _faults.Add(fault);

    /// <summary>No car has lost a connection other than by a close frame of its node.</summary>
    public void JudgeByes()
    {
        int cut = Cars.Count(car => car.CutOff > 0);
        if (cut > 0)
        {
            Fault($"{cut} cars were cut off without a bye");
        }
    }

    /// <summary>The campaign as it stands in Git, not on hold.</summary>
    public PushCampaign CampaignOf(int revision)
    {
        PushCampaign campaign = _run.HeldCampaign(Slowly);
        campaign.Spec = campaign.Spec with { Suspend = false, Revision = revision };
        return campaign;
    }

    /// <summary>The others are told quickly.</summary>
    public Task HurryAsync(CancellationToken cancellationToken) => PatchAsync(new JsonObject { ["pace"] = new JsonObject { ["maxPerSecond"] = Quickly } }, cancellationToken);

    /// <summary>Tells the others quickly, judges all that the cars saw, and takes the campaign away.</summary>
    public async Task<ScenarioOutcome> EndAsync(CancellationToken cancellationToken)
    {
        await HurryAsync(cancellationToken);
        PushCampaign complete = await _stage.WhenTrueAsync(_run.Name, "Complete", cancellationToken);
        ScenarioOutcome outcome = await _run.JudgeAsync(complete, Cars, [], caughtUp: 0, cancellationToken);
        return outcome with { Faults = [.. _faults, .. outcome.Faults] };
    }

    public async ValueTask DisposeAsync()
    {
        await _direct.DisposeAsync();
        await _proxied.DisposeAsync();
    }

    private Task ConnectAsync(VehicleFleet fleet, string way, int cars, CancellationToken cancellationToken) =>
        fleet.Add(_run.Cars(way, cars)).ConnectAsync(cancellationToken);

    private async Task PushAsync(CancellationToken cancellationToken)
    {
        await _stage.ApplyAsync(_run.HeldCampaign(Slowly), cancellationToken);
        await _stage.WhenAsync(_run.Name, "the preview", status => status.Preview is { } preview && preview.Online == Cars.Count, cancellationToken);
        await _stage.SuspendAsync(_run.Name, false, cancellationToken);
        await WhenMoreAreToldAsync(1, cancellationToken);
    }

    private Task PatchAsync(JsonObject spec, CancellationToken cancellationToken) => _stage.Kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = spec }), _run.Name, _stage.Options.Namespace, cancellationToken: cancellationToken);
}
