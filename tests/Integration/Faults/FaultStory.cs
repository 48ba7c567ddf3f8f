using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Pace = PushPlatform.Operator.Api.Pace;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>One campaign on a stage, the cars that it is for and no others, and the check of ledger and cars that every story ends in.</summary>
internal sealed class FaultStory : IAsyncDisposable
{
    private static int _number;

    private readonly string _name = $"story-{Interlocked.Increment(ref _number)}";
    private readonly List<VehicleFleet> _fleets = [];
    private readonly List<SimulatedVehicle> _cars = [];
    private readonly LedgerAndCars _check;
    private readonly CancellationToken _token;

    private FaultStory(Stage stage, LedgerAndCars check, CancellationToken token) => (Stage, _check, _token) = (stage, check, token);

    public Stage Stage { get; }

    /// <summary>Of the campaign, and the value of the label <c>story</c> of its cars.</summary>
    public string Name => _name;

    public CampaignKey Key => new(new PoolName(Manifests.Namespace, Manifests.Pool), $"{Manifests.Namespace}/{_name}", 1);

    public IOrderBook Orders => _check.Store.Orders;

    public ILedgerControl Ledgers => _check.Store.Control;

    public INodeMembership Nodes => _check.Store.Nodes;

    /// <summary>All cars of the story.</summary>
    public IReadOnlyList<SimulatedVehicle> Cars => _cars;

    /// <summary>How many cars have seen the notice.</summary>
    public int Told => _cars.Count(car => car.Seen.Count > 0);

    /// <summary>How many notices came, repeats included.</summary>
    public int Copies => _cars.Sum(car => car.Seen.Sum(seen => seen.Copies));

    /// <summary>Begins on a stage that is whole: what an earlier story broke has come back.</summary>
    public static async Task<FaultStory> BeginAsync(Stage stage, CancellationToken token)
    {
        await stage.UntilAsync(
            "the nodes to be ready and an operator to lead",
            async cancellation => (await stage.Pods.NodesAsync(cancellation)).All(node => node.Ready)
                && (await stage.Pods.OperatorsAsync(cancellation)).All(pod => pod.Ready)
                && await stage.Pods.LeaderAsync(cancellation) is not null,
            token);
        return new FaultStory(stage, await LedgerAndCars.OpenAsync(stage, TimeProvider.System, token), token);
    }

    /// <summary>Adds cars and waits until they are welcomed.</summary>
    /// <param name="count">How many.</param>
    /// <param name="change">What is special about them.</param>
    /// <param name="nodes">Where they connect to: the first, and the next one where they find nobody. None: the pool's Service.</param>
    public async Task<FleetGroup> AddCarsAsync(int count, Func<VehicleGroup, VehicleGroup>? change = null, params StagePod[] nodes)
    {
        VehicleFleet fleet = nodes.Length == 0
            ? Stage.NewFleet()
            : new VehicleFleet(new FleetOptions { Endpoints = [.. nodes.Select(Stage.VehicleEndpointOf)] });
        _fleets.Add(fleet);
        VehicleGroup group = new($"{_name}-{_fleets.Count}", count) { Labels = new Dictionary<string, string> { ["story"] = _name } };
        FleetGroup added = fleet.Add(change?.Invoke(group) ?? group);
        _cars.AddRange(added.Vehicles);
        await added.ConnectAsync(_token);
        return added;
    }

    /// <summary>All cars leave and come back.</summary>
    public async Task ReconnectAsync()
    {
        await Task.WhenAll(_fleets.SelectMany(fleet => fleet.Groups).Select(group => group.DisconnectAsync()));
        await Task.WhenAll(_fleets.Select(fleet => fleet.ConnectAsync([.. fleet.Vehicles], _token)));
    }

    /// <param name="rate">Sends a second at most.</param>
    /// <param name="delivery">Default: the resource's own.</param>
    /// <param name="cap">Recipients at most.</param>
    /// <param name="rollout">Default: nothing holds it back.</param>
    public Task ApplyAsync(int rate, DeliverySettings? delivery = null, int? cap = null, Rollout? rollout = null) => Stage.ApplyAsync(
        new PushCampaign
        {
            Metadata = new V1ObjectMeta { Name = _name, NamespaceProperty = Manifests.Namespace },
            Spec = new PushCampaignSpec
            {
                // Its own, or it would wait for the campaign of another story.
                Patch = new Patch { Id = _name, Version = "4.2.1" },
                Targets = new Targets { Selector = new TargetSelector { MatchLabels = new Dictionary<string, string> { ["story"] = _name } }, MaxRecipients = cap },
                Pace = new Pace { MaxPerSecond = rate },
                Delivery = delivery ?? new DeliverySettings(),
                Rollout = rollout ?? new Rollout(),
            },
        },
        _token);

    public Task PatchAsync(string spec) => Stage.Kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = JsonNode.Parse(spec) }), _name, Manifests.Namespace, cancellationToken: _token);

    public async Task<PushCampaignStatus> StatusAsync() => (await Stage.CampaignAsync(_name, _token))?.Status ?? new PushCampaignStatus();

    public Task UntilToldAsync(int cars) => UntilAsync($"{cars} cars to be told", () => Task.FromResult(Told >= cars));

    public Task UntilPhaseAsync(CampaignPhase phase) => UntilAsync($"phase {phase}", async () => (await StatusAsync()).Phase == phase);

    public Task UntilAsync(string what, Func<Task<bool>> condition) => Stage.UntilAsync($"{_name}: {what}", _ => condition(), _token);

    public Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan patience) => Stage.UntilAsync($"{_name}: {what}", _ => condition(), patience, _token);

    public async Task<LedgerCounts> CountsAsync() => (await Ledgers.ReadAsync(Key, _token))?.Counts ?? LedgerCounts.Zero;

    /// <summary>The end: completed, every car told and shown the notice once, the counters equal a scan, and the status says what the ledger says.</summary>
    /// <param name="failed">Cars that never answer.</param>
    /// <param name="suppressed">Cars beyond the cap, whichever they are: they are not told.</param>
    public async Task EndsWellAsync(int failed = 0, int suppressed = 0)
    {
        await UntilPhaseAsync(CampaignPhase.Completed);
        PushCampaign campaign = (await Stage.CampaignAsync(_name, _token))!;
        IEnumerable<SimulatedVehicle> targets = suppressed == 0 ? _cars : _cars.Where(car => car.Seen.Count > 0);
        (await _check.FaultsAsync(campaign, targets, [], _token)).ShouldBeEmpty();
        Told.ShouldBe(_cars.Count - suppressed);
        campaign.Status.Counts!.Delivered.ShouldBe(_cars.Count - failed - suppressed);
        campaign.Status.Counts.Suppressed.ShouldBe(suppressed);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_fleets.Select(fleet => fleet.DisposeAsync().AsTask()));
        await _check.DisposeAsync();
    }
}
