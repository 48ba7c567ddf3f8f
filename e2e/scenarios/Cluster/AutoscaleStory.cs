using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The parts of <see cref="AutoscaleScenario"/>, and what came of them so far.</summary>
internal sealed class AutoscaleStory(ClusterStage stage, OwnPool pool, VehicleFleet fleet, ScenarioRun run)
{
    public const int CarsPerNode = 100;

    private const int First = 80;
    private const int Late = 20;
    private const int Later = 60;
    // Together they need one node, with a tenth of it to spare.
    private const int StayAtKeeper = 60;
    private const int StayElsewhere = 8;
    private const int Slowly = 3;
    private const int Quickly = 500;

    private readonly List<string> _faults = [];
    private int _missed;
    private int _twice;

    public ScenarioOutcome Outcome => new(fleet.Vehicles.Count(), _missed, _twice, _faults);

    private IReadOnlyList<SimulatedVehicle> Connected => [.. fleet.Vehicles.Where(car => car.IsConnected)];

    /// <summary>The pool grows under a campaign that pushes, and takes no car's connection away for it.</summary>
    /// <returns>The node that it began with.</returns>
    public async Task<string> GrowAsync(CancellationToken cancellationToken)
    {
        await JoinAsync("first", First, cancellationToken);
        string first = (await pool.WhenNodesAsync(1, cancellationToken)).Single();
        PushCampaign campaign = await BeginAsync("growing", cancellationToken);
        stage.Say($"{First} cars are connected to one node, {first}, and are being told");
        for (int nodes = 2; nodes <= 4; nodes++)
        {
            await JoinAsync($"wave{nodes}", CarsPerNode, cancellationToken);
            await pool.WhenNodesAsync(nodes, cancellationToken);
            stage.Say($"{CarsPerNode} more have come: {nodes} nodes");
        }
        // The fourth has none yet.
        await JoinAsync("late", Late, cancellationToken);
        // An attempt to connect may fail, and is none.
        int lost = fleet.Vehicles.Count(car => car.CutOff > 0 || car.Disconnects.Keys.Any(how => how.All(char.IsAsciiDigit)));
        Expect(lost == 0, $"{lost} cars lost their connection when the pool grew");
        Expect(fleet.Vehicles.Count(car => car.Seen.Count > 0) < fleet.Vehicles.Count(), "the campaign was over before the pool had grown");
        await EndAsync(campaign, [.. fleet.Vehicles], cancellationToken);
        return first;
    }

    /// <summary>Most cars leave, and the pool shrinks to the node that has most then. By itself a ReplicaSet would keep the oldest one.</summary>
    /// <returns>The node that stayed.</returns>
    public async Task<string> ShrinkAsync(string first, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> nodes = await pool.WhereAsync(fleet.Vehicles, cancellationToken);
        ILookup<string, SimulatedVehicle> cars = fleet.Vehicles.Where(car => nodes.ContainsKey(car.Vid)).ToLookup(car => nodes[car.Vid]);
        string keeper = cars.Where(node => node.Key != first).MaxBy(node => node.Count())?.Key ?? throw new InvalidOperationException("All cars are connected to one node.");
        IReadOnlyList<SimulatedVehicle> staying = [.. cars.SelectMany(node => node.Take(node.Key == keeper ? StayAtKeeper : StayElsewhere))];
        IReadOnlyList<SimulatedVehicle> leaving = [.. fleet.Vehicles.Except(staying)];
        stage.Say($"{leaving.Count} of {leaving.Count + staying.Count} cars leave. Of those that stay, {cars[keeper].Intersect(staying).Count()} are connected to {keeper}");
        SimulatedVehicle[] elsewhere = [.. staying.Except(cars[keeper])];
        int byes = Byes(elsewhere);
        await Task.WhenAll(leaving.Select(car => car.StopAsync()));
        await ShrunkAsync(keeper, elsewhere, byes, cancellationToken);
        await EndAsync(await BeginAsync("shrunk", cancellationToken), staying, cancellationToken);
        return keeper;
    }

    /// <summary>An HPA sets the size through the scale subresource: more, and then fewer while a campaign pushes, which the pool waits for.</summary>
    public async Task FollowHpaAsync(string keeper, CancellationToken cancellationToken)
    {
        await pool.SetAsync("""{"autoscale": null, "replicas": 1}""", cancellationToken);
        await pool.ScaleByHpaAsync(3, cancellationToken);
        await pool.WhenNodesAsync(3, cancellationToken);
        await JoinAsync("later", Later, cancellationToken);
        stage.Say($"An HPA has made it 3 nodes, and {Later} more cars have come");
        PushCampaign campaign = await BeginAsync("scaled", cancellationToken);
        await pool.ScaleByHpaAsync(1, cancellationToken);
        await stage.UntilAsync(
            "the pool to say why it waits",
            async token => (await pool.StatusAsync(token)).Conditions?.Any(condition => condition.Message.Contains("is pushing", StringComparison.Ordinal)) == true,
            cancellationToken);
        Expect((await pool.StatusAsync(cancellationToken)).DrainingReplicas == 0, "nodes were drained while a campaign pushed");
        stage.Say("The HPA asks for 1 while cars are told: the pool waits for the campaign");
        IReadOnlyList<SimulatedVehicle> cars = Connected;
        IReadOnlyDictionary<string, string> nodes = await pool.WhereAsync(cars, cancellationToken);
        SimulatedVehicle[] elsewhere = [.. cars.Where(car => nodes.GetValueOrDefault(car.Vid) != keeper)];
        int byes = Byes(elsewhere);
        // From here on the pool need not wait.
        await EndAsync(campaign, cars, cancellationToken);
        await ShrunkAsync(keeper, elsewhere, byes, cancellationToken);
    }

    private Task JoinAsync(string group, int cars, CancellationToken cancellationToken) => fleet.Add(run.Cars(group, cars)).ConnectAsync(cancellationToken);

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _faults.Add(otherwise);
        }
    }

    /// <summary>Waits until there is one node; it has to be the fullest one, and the cars of the others were told to come to it.</summary>
    /// <param name="keeper">That one.</param>
    /// <param name="moved">The cars of the others.</param>
    /// <param name="byesBefore">How often they had been told to go before this.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task ShrunkAsync(string keeper, IReadOnlyList<SimulatedVehicle> moved, int byesBefore, CancellationToken cancellationToken)
    {
        string left = (await pool.WhenNodesAsync(1, cancellationToken)).Single();
        await stage.UntilAsync("all cars to be connected to it", async token => (await pool.StatusAsync(token)).Connections == Connected.Count, cancellationToken);
        int byes = Byes(moved) - byesBefore;
        stage.Say($"One node is left, {left}; {moved.Count} cars were elsewhere and heard {byes} times that they are to go");
        Expect(left == keeper, $"{left} is left, and it must be {keeper}, which had most cars");
        Expect(moved.Count > 0 && byes >= moved.Count, $"{moved.Count} cars were told {byes} times that they are to go");
        int cut = fleet.Vehicles.Count(car => car.CutOff > 0);
        Expect(cut == 0, $"{cut} cars were cut off without a bye");
    }

    private static int Byes(IEnumerable<SimulatedVehicle> cars) => cars.Sum(car => car.Disconnects.GetValueOrDefault("1012"));

    /// <summary>A campaign to the cars that are connected. It has begun, slowly, when this returns.</summary>
    private async Task<PushCampaign> BeginAsync(string part, CancellationToken cancellationToken)
    {
        PushCampaign campaign = run.HeldCampaign(Slowly);
        string name = $"{run.Name}-{part}";
        campaign.Metadata.Name = name;
        campaign.Spec = campaign.Spec with
        {
            PoolRef = new() { Name = pool.Name },
            CampaignId = $"e2e/{name}",
            Patch = campaign.Spec.Patch with { Id = name },
            Targets = campaign.Spec.Targets with { SeenWithinSeconds = 0 },
        };
        int online = Connected.Count;
        await stage.ApplyAsync(campaign, cancellationToken);
        await stage.WhenAsync(name, "the preview", status => status.Preview?.Online == online, cancellationToken);
        await stage.SuspendAsync(name, false, cancellationToken);
        return await stage.WhenAsync(name, "the first car to be told", status => status.Counts?.Delivered > 0, cancellationToken);
    }

    /// <summary>Tells the others quickly, and judges what its targets saw of it.</summary>
    private async Task EndAsync(PushCampaign campaign, IReadOnlyList<SimulatedVehicle> targets, CancellationToken cancellationToken)
    {
        await stage.Kubernetes.PatchAsync<PushCampaign>(
            V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["pace"] = new JsonObject { ["maxPerSecond"] = Quickly } } }),
            campaign.Metadata.Name!,
            stage.Options.Namespace,
            cancellationToken: cancellationToken);
        PushCampaign complete = await stage.WhenTrueAsync(campaign.Metadata.Name!, "Complete", cancellationToken);
        ScenarioOutcome outcome = await run.JudgeAsync(complete, targets, [], caughtUp: 0, cancellationToken);
        stage.Say($"{outcome.Cars} cars were told by {campaign.Metadata.Name}");
        _missed += outcome.Missed;
        _twice += outcome.SeenTwice;
        _faults.AddRange(outcome.Faults);
    }
}
