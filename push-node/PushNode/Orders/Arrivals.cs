using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>From hello to welcome: a session from the registry, a look at every open order, and the answer to "anything for me?".</summary>
internal sealed class Arrivals : IAsyncDisposable
{
    /// <summary>Of each shard. Full (Redis is away and newcomers pour in): the newcomer is sent away for a while.</summary>
    private const int Capacity = 4096;

    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(5);

    private readonly NodeIdentity _node;
    private readonly IVehicleRegistry _registry;
    private readonly IDeliveryLedger _ledger;
    private readonly OrderBoard _board;
    private readonly Campaigns _campaigns;
    private readonly VehicleIndex _index;
    private readonly RegistryWriter _writer;
    private readonly Kicks _kicks;
    private readonly StoreContact _contact;
    private readonly ShardLanes<LocalVehicle> _lanes;
    private long _lastNumber;

    public Arrivals(
        NodeIdentity node, IVehicleRegistry registry, IDeliveryLedger ledger, OrderBoard board, Campaigns campaigns, VehicleIndex index,
        RegistryWriter writer, Kicks kicks, StoreContact contact, TimeProvider clock, ILogger<Arrivals> log)
    {
        _node = node;
        _registry = registry;
        _ledger = ledger;
        _board = board;
        _campaigns = campaigns;
        _index = index;
        _writer = writer;
        _kicks = kicks;
        _contact = contact;
        _lanes = new ShardLanes<LocalVehicle>("arrivals", Capacity, TimeSpan.Zero, WelcomeAsync, clock, log);
    }

    public int Waiting => _lanes.Waiting;

    public IEnumerable<string> Faults => _lanes.Faults;

    /// <summary>Takes a vehicle that has said hello. Returns at once.</summary>
    public void Add(IVehicleLink link, HelloFrame hello)
    {
        LocalVehicle vehicle = new(link, hello, Interlocked.Increment(ref _lastNumber));
        link.Deliveries = vehicle;
        if (_contact.IsAway)
        {
            WelcomeProvisionally(vehicle);
        }

        if (!_lanes.TryPost(vehicle.Shard, vehicle))
        {
            link.Close(CloseReason.Draining, ComeBackAfter * (1 + Random.Shared.NextDouble()));
        }
    }

    public ValueTask DisposeAsync() => _lanes.DisposeAsync();

    private async Task WelcomeAsync(int shard, IReadOnlyList<LocalVehicle> queued, CancellationToken stop)
    {
        // Those that a newer connection has replaced are not announced: no vehicle is twice in one batch.
        List<LocalVehicle> batch = [.. queued.Where(IsHere)];
        if (batch.Count == 0)
        {
            return;
        }

        await RegisterAsync(shard, batch, stop);
        if (batch.Count == 0)
        {
            return;
        }

        await _campaigns.Known.WaitAsync(stop);
        await SettleSeenAsync(shard, batch, stop);
        List<Found> found = await LookAsync(shard, batch, stop);
        for (int i = 0; i < batch.Count; i++)
        {
            LocalVehicle vehicle = batch[i];
            int pending = found.Count(look => look.Standings[i] is { } standing && look.Runner.WouldTell(vehicle, standing));
            vehicle.Link.TrySend(NodeFrames.Welcome(SessionOf(vehicle), pending, _node.PingSeconds));
            vehicle.ShowToOrders();
            HandOver(vehicle, i, found);
        }
    }

    private bool IsHere(LocalVehicle vehicle) => !vehicle.Gone && ReferenceEquals(_index.Find(vehicle.Unit), vehicle.Link);

    /// <summary>Takes those out of the batch that leave before Redis answers: made the newest of their vid now, they would replace the connection that it has elsewhere meanwhile.</summary>
    private async Task RegisterAsync(int shard, List<LocalVehicle> batch, CancellationToken stop)
    {
        List<LocalVehicle> left = [];
        IReadOnlyList<Arrived> arrived = [];
        await AskAsync(
            batch,
            async () =>
            {
                left.AddRange(batch.Where(vehicle => !IsHere(vehicle)));
                batch.RemoveAll(left.Contains);
                Arrival[] arrivals = [.. batch.Select(vehicle => new Arrival(vehicle.Unit, vehicle.Link.Labels, vehicle.Link.Position))];
                arrived = arrivals.Length == 0 ? [] : await _registry.ArriveAsync(_node.Pool, shard, _node.Name, arrivals, stop);
            },
            stop);
        NoteSessions(batch, arrived);
        if (left.Count > 0)
        {
            await ForgetAsync(shard, left, stop);
        }
    }

    /// <summary>An arrival that was not answered may have been carried out all the same: then this node is on record as holding whom it has not.</summary>
    private async Task ForgetAsync(int shard, List<LocalVehicle> left, CancellationToken stop)
    {
        string[] units = [.. left.Select(vehicle => vehicle.Unit).Distinct(StringComparer.Ordinal)];
        IReadOnlyList<KnownVehicle?> known = [];
        await _contact.UntilAnsweredAsync(async () => known = await _registry.FindAsync(_node.Pool, shard, units, stop), stop);
        foreach (KnownVehicle vehicle in known.OfType<KnownVehicle>())
        {
            if (vehicle.Holder is { } holder && holder.Node == _node.Name && _index.Find(vehicle.Vid) is null)
            {
                _writer.Left(new VehicleSession(vehicle.Vid, holder.Session));
            }
        }
    }

    private void NoteSessions(List<LocalVehicle> batch, IReadOnlyList<Arrived> arrived)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            batch[i].Registered(arrived[i]);
            Interlocked.MemoryBarrier();
            if (batch[i].Gone)
            {
                // It left before its session was known, so nobody has said so yet. Whom it replaces may be the connection it has come back on.
                _writer.Left(batch[i]);
                continue;
            }

            if (batch[i].RoleChanged)
            {
                _writer.Reported(batch[i]);
            }

            if (arrived[i].Previous is { } previous && previous.Node != _node.Name)
            {
                _kicks.Publish(new KickMessage(batch[i].Unit, previous.Session));
            }
        }
    }

    // Before the look, so that what a vehicle has already is not pending.
    private async Task SettleSeenAsync(int shard, List<LocalVehicle> batch, CancellationToken stop)
    {
        var seen = batch
            .SelectMany(vehicle => (vehicle.Hello?.Seen ?? []).Distinct(StringComparer.Ordinal).Select(id => (Vehicle: vehicle, Order: _board.Current.Find(id))))
            .Where(pair => pair.Order is { LedgerId.Length: > 0, Order.DryRun: false })
            .GroupBy(pair => pair.Order!);
        foreach (var group in seen)
        {
            Settlement[] settlements = [.. group.Select(pair => new Settlement(pair.Vehicle.Unit, AckStatus.Received, null, Seen: true))];
            ActiveOrder order = group.Key;
            await AskAsync(batch, () => _ledger.SettleAsync(order.Key, order.LedgerId, shard, order.SettleRules, settlements, stop), stop);
        }
    }

    private async Task<List<Found>> LookAsync(int shard, List<LocalVehicle> batch, CancellationToken stop)
    {
        List<Found> found = [];
        foreach (CampaignRunner runner in _campaigns.Running)
        {
            long asked = runner.Roster.Now;
            IReadOnlyList<VehicleStanding>? standings = null;
            await AskAsync(batch, async () => standings = await runner.FindAsync(shard, batch, stop), stop);
            found.Add(new Found(runner, asked, [.. batch.Select((_, i) => standings?[i])]));
        }

        return found;
    }

    // An order that came up since the look is looked at like any other vehicle's: it either sees this vehicle, or is seen here.
    private void HandOver(LocalVehicle vehicle, int i, List<Found> found)
    {
        foreach (CampaignRunner runner in _campaigns.Running)
        {
            if (found.Find(look => ReferenceEquals(look.Runner, runner)) is not { } look)
            {
                runner.Consider(vehicle, recheck: false);
            }
            else if (look.Standings[i] is { } standing)
            {
                runner.Note(vehicle, standing, look.Asked);
            }
        }
    }

    private Task AskAsync(List<LocalVehicle> batch, Func<Task> ask, CancellationToken stop) => _contact.UntilAnsweredAsync(
        async () =>
        {
            try
            {
                await ask();
            }
            catch (Delivery.StoreUnavailableException)
            {
                batch.ForEach(WelcomeProvisionally);
                throw;
            }
        },
        stop);

    private void WelcomeProvisionally(LocalVehicle vehicle)
    {
        if (!vehicle.WelcomedProvisionally)
        {
            vehicle.WelcomedProvisionally = true;
            vehicle.Link.TrySend(NodeFrames.Welcome(SessionOf(vehicle), pending: null, _node.PingSeconds));
        }
    }

    // Both welcomes of a connection name the same session, and the first may come before the registry gave one.
    private string SessionOf(LocalVehicle vehicle) => $"{_node.BootNonce}-{vehicle.Number}";

    private sealed record Found(CampaignRunner Runner, long Asked, VehicleStanding?[] Standings);
}
