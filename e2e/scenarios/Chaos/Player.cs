using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Plays one schedule on a stage: cars connect, campaigns are written, things break and mend, all is quiet, and what came of it is noted.</summary>
internal sealed class Player : IAsyncDisposable
{
    /// <summary>How long after all is healed a campaign may take to its end: a lost leader costs 35 s (its lease, then a new lease), a missed wake-up a sweep of 30 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    private readonly Stage _stage;
    private readonly Schedule _schedule;
    private readonly TimeProvider _time;
    private readonly Chronicle _chronicle;
    private readonly Disturber _disturber;
    private readonly VehicleFleet _fleet;
    private readonly List<VehicleFleet> _twins = [];
    private readonly List<SimulatedVehicle> _replaced = [];
    private readonly CampaignDriver[] _campaigns;
    private TimeSpan _newcomersAt = TimeSpan.MaxValue;

    public Player(Stage stage, Schedule schedule, TimeProvider time)
    {
        (_stage, _schedule, _time, _chronicle) = (stage, schedule, time, new Chronicle(time));
        _disturber = new Disturber(stage, _chronicle, time);
        _fleet = stage.NewFleet(stage.VehicleEndpoint, _chronicle.Arrived);
        foreach (CarGroup group in schedule.Groups)
        {
            _fleet.Add(Cars(group, group.Count));
        }
        _campaigns = [.. schedule.Campaigns.Select(campaign => new CampaignDriver(stage, schedule, campaign, _chronicle, time))];
    }

    public async Task<Observations> PlayAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watch = _chronicle.WatchStarvationAsync(over.Token);
        await ConnectAsync(Presence.Connected, cancellationToken);
        await ConnectAsync(Presence.Away, cancellationToken);
        await Task.WhenAll(GroupsOf(Presence.Away).Select(group => group.DisconnectAsync()));

        TimeSpan start = _chronicle.Now;
        await Task.WhenAll(_schedule.Events.Select(happening => HappenAsync(start, happening, cancellationToken)));
        await CalmDownAsync(cancellationToken);
        await using LedgerAndCars ledgers = await LedgerAndCars.OpenAsync(_stage, _time, cancellationToken);
        await Task.WhenAll(_campaigns.Select(campaign => EndAsync(campaign, ledgers, cancellationToken)));
        await ConnectAsync(Presence.Late, cancellationToken);
        // Long enough for whoever would tell a car that has just come.
        await Task.Delay(TimeSpan.FromMilliseconds(500), _time, cancellationToken);

        ResultReader reader = new(_schedule, ledgers, _chronicle, _newcomersAt);
        List<RevisionSeen> revisions = [];
        foreach (CampaignDriver campaign in _campaigns)
        {
            revisions.AddRange(await reader.ReadAsync(campaign, cancellationToken));
        }
        await over.CancelAsync();
        await watch;
        return new Observations(revisions, [.. Cars()], _chronicle.Copies, _chronicle.Stops, _chronicle.Outages, _chronicle.Starved);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_twins.Append(_fleet).Select(fleet => fleet.DisposeAsync().AsTask()));
        _disturber.Dispose();
        Array.ForEach(_campaigns, campaign => campaign.Dispose());
    }

    private async Task HappenAsync(TimeSpan start, ChaosEvent happening, CancellationToken cancellationToken)
    {
        TimeSpan wait = start + happening.At - _chronicle.Now;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken);
        }
        switch (happening.Action)
        {
            case <= ChaosAction.RaiseRevision or ChaosAction.LedgerLost or ChaosAction.LedgerShardLost:
                await _campaigns[happening.Index].DoAsync(happening.Action, cancellationToken);
                break;
            case ChaosAction.CarsReset or ChaosAction.CarsHalfOpen:
                Break(_fleet.Vehicles.Where(car => car.IsConnected).Take(happening.Index), happening.Action == ChaosAction.CarsReset ? LinkBreak.Reset : LinkBreak.HalfOpen);
                break;
            case ChaosAction.AllCarsReset:
                Break(_fleet.Vehicles, LinkBreak.Reset);
                break;
            case ChaosAction.CarsTwice:
                await ConnectTwiceAsync(happening.Index, cancellationToken);
                break;
            case ChaosAction.NewcomersCome:
                _newcomersAt = _chronicle.Now;
                Array.ForEach([.. GroupsOf(Presence.Newcomer).SelectMany(group => group.Vehicles)], car => car.Start());
                break;
            default:
                await _disturber.DisturbAsync(happening, cancellationToken);
                break;
        }
    }

    /// <summary>Other devices with the vids of steady cars, at one node, past the Service: the cars that were there are told that they are replaced.</summary>
    private async Task ConnectTwiceAsync(int count, CancellationToken cancellationToken)
    {
        CarGroup steady = _schedule.Groups[0];
        StagePod node = (await _stage.Pods.NodesAsync(cancellationToken))[0];
        VehicleFleet fleet = _stage.NewFleet(_stage.VehicleEndpointOf(node), _chronicle.Arrived);
        FleetGroup twins = fleet.Add(Cars(steady, Math.Min(count, steady.Count)));
        lock (_twins)
        {
            _twins.Add(fleet);
            _replaced.AddRange(_fleet.Groups[0].Vehicles.Take(twins.Vehicles.Count));
        }
        foreach (SimulatedVehicle twin in twins.Vehicles)
        {
            twin.Start();
        }
    }

    /// <summary>Everything is mended; second devices leave; all cars that this schedule knows are there.</summary>
    private async Task CalmDownAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_twins.SelectMany(fleet => fleet.Vehicles).Select(twin => twin.StopAsync()));
        // A car that was replaced stays away for a minute; who switches it off and on does not wait.
        foreach (SimulatedVehicle car in _replaced.Distinct())
        {
            await car.StopAsync();
            car.Start();
        }
        await ConnectAsync(Presence.Away, cancellationToken);
    }

    private async Task EndAsync(CampaignDriver campaign, LedgerAndCars ledgers, CancellationToken cancellationToken)
    {
        if (campaign.LostAt is not null)
        {
            await UntilAsync(async () => CampaignEnd.IsStalledForItsLedger(await campaign.ReadAsync(cancellationToken)), cancellationToken);
            await campaign.RaiseRevisionAsync(cancellationToken);
        }
        // The ledger first: while a retry goes on the status is not that of the first end any more.
        await UntilAsync(async () => await IsDoneAsync(campaign, ledgers, cancellationToken) && CampaignEnd.HasEnded(await campaign.ReadAsync(cancellationToken)), cancellationToken);
    }

    /// <summary>Whether what was asked for beyond the campaign's end is done: cars tried again, or told to forget it.</summary>
    private async Task<bool> IsDoneAsync(CampaignDriver campaign, LedgerAndCars ledgers, CancellationToken cancellationToken)
    {
        if (campaign is { TriedAgain: null, Cancelled: false } || await campaign.ReadAsync(cancellationToken) is not { } resource)
        {
            return true;
        }
        CampaignKey key = LedgerAndCars.KeyOf(resource);
        try
        {
            LedgerReading? ledger = await ledgers.Store.Control.ReadAsync(key, cancellationToken);
            return campaign.Cancelled
                ? ledger is not { Whole: true } || (ledger.Shards.All(shard => shard!.Marked) && !await OweAnAnswerAsync(ledgers.Store.Inquiry, key, cancellationToken))
                : ledger is { Retry: > 0, Counts: { Pending: 0, InFlight: 0 } };
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Whether cars that answer are still to forget it.</summary>
    private async Task<bool> OweAnAnswerAsync(ILedgerInquiry ledger, CampaignKey key, CancellationToken cancellationToken)
    {
        HashSet<string> mute = [.. _schedule.Groups.Where(group => group.Answer == VehicleAnswer.Nothing).SelectMany(group => group.Vids)];
        await foreach (DeliveryFate fate in ledger.ScanAsync(key, cancellationToken))
        {
            if (fate.Cancelled == false && !mute.Contains(fate.Unit))
            {
                return true;
            }
        }
        return false;
    }

    // Whoever waits in vain goes on: that it did not end is a finding like any other.
    private async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        TimeSpan patience = _chronicle.Now + Patience;
        while (!await holds() && _chronicle.Now < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellationToken);
        }
    }

    private static void Break(IEnumerable<SimulatedVehicle> cars, LinkBreak how)
    {
        foreach (SimulatedVehicle car in cars)
        {
            car.Break(how);
        }
    }

    private IEnumerable<FleetGroup> GroupsOf(Presence presence) =>
        _fleet.Groups.Zip(_schedule.Groups).Where(pair => pair.Second.Presence == presence).Select(pair => pair.First);

    private Task ConnectAsync(Presence presence, CancellationToken cancellationToken) =>
        Task.WhenAll(GroupsOf(presence).Select(group => group.ConnectAsync(cancellationToken)));

    private VehicleGroup Cars(CarGroup group, int count) => new(group.Name, count)
    {
        Labels = new Dictionary<string, string> { ["schedule"] = $"{_schedule.Seed}", ["model"] = group.Model },
        Answer = group.Answer,
        AnswerAfter = group.AnswerAfter,
    };

    private IEnumerable<CarSeen> Cars() =>
        from fleet in _twins.Prepend(_fleet)
        from cars in fleet.Groups
        from car in cars.Vehicles
        let slow = cars.Group.AnswerAfter > TimeSpan.FromSeconds(Schedule.AckTimeoutSeconds / 2.0)
        select new CarSeen(car.Vid, cars.Group.Answer, slow, car.Seen.ToDictionary(seen => seen.Delivery, seen => seen.Shown)) { Forgotten = car.Forgotten, Connections = ConnectionsOf(car) };

    private static string ConnectionsOf(SimulatedVehicle car)
    {
        IEnumerable<string> ends = car.Disconnects.Select(end => $"{end.Value} × {end.Key}");
        return $"{(car.IsConnected ? "connected" : "away")} after {car.Connects} connections, of which ended {string.Join(", ", ends)}";
    }
}
