using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Orders;

/// <summary>Tells the registry who left and what vehicles report, in batches; the latest report wins.</summary>
internal sealed class RegistryWriter : IAsyncDisposable
{
    /// <summary>Of each shard. Full (Redis is away for long): the vehicle seems present until it comes back, or its node's death is noticed.</summary>
    private const int LeaveCapacity = 8192;

    /// <summary>Of each shard; holds each vehicle at most once. Full: the report is left out, and made up for by the next one or the next confirmation.</summary>
    private const int UpdateCapacity = 4096;

    /// <summary>Positions come often and are of use to previews only: sharing batches is worth more than freshness.</summary>
    private static readonly TimeSpan UpdateLinger = TimeSpan.FromMilliseconds(200);

    private readonly NodeIdentity _node;
    private readonly IVehicleRegistry _registry;
    private readonly StoreContact _contact;
    private readonly ShardLanes<VehicleSession> _leaves;
    private readonly ShardLanes<LocalVehicle> _updates;

    public RegistryWriter(NodeIdentity node, IVehicleRegistry registry, StoreContact contact, TimeProvider clock, ILogger<RegistryWriter> log)
    {
        _node = node;
        _registry = registry;
        _contact = contact;
        _leaves = new ShardLanes<VehicleSession>("leaves", LeaveCapacity, TimeSpan.Zero, LeaveAsync, clock, log);
        _updates = new ShardLanes<LocalVehicle>("reports", UpdateCapacity, UpdateLinger, UpdateAsync, clock, log);
    }

    public int Waiting => _leaves.Waiting + _updates.Waiting;

    public IEnumerable<string> Faults => _leaves.Faults.Concat(_updates.Faults);

    /// <summary>Once its session is known; returns at once.</summary>
    public void Left(LocalVehicle vehicle)
    {
        if (vehicle.Session != 0)
        {
            Left(new VehicleSession(vehicle.Unit, vehicle.Session));
        }
    }

    /// <summary>Nothing here holds this session any more; returns at once.</summary>
    public void Left(VehicleSession session) => _leaves.TryPost(Shards.Of(session.Vid), session);

    /// <summary>It has told a new position or new labels; returns at once.</summary>
    public void Reported(LocalVehicle vehicle)
    {
        if (vehicle.TryQueueUpdate() && !_updates.TryPost(vehicle.Shard, vehicle))
        {
            vehicle.UpdateTaken();
            vehicle.UpdateOwed = true;
        }
    }

    /// <summary>Takes nothing more and writes what is in hand; gives up after <paramref name="patience"/>.</summary>
    public Task FinishAsync(TimeSpan patience) => Task.WhenAll(_leaves.FinishAsync(patience), _updates.FinishAsync(patience));

    public async ValueTask DisposeAsync()
    {
        await _leaves.DisposeAsync();
        await _updates.DisposeAsync();
    }

    private Task LeaveAsync(int shard, IReadOnlyList<VehicleSession> batch, CancellationToken stop) =>
        _contact.UntilAnsweredAsync(() => _registry.LeaveAsync(_node.Pool, shard, batch, stop), stop);

    private Task UpdateAsync(int shard, IReadOnlyList<LocalVehicle> batch, CancellationToken stop)
    {
        List<VehicleUpdate> updates = [];
        foreach (LocalVehicle vehicle in batch)
        {
            vehicle.UpdateTaken();
            if (vehicle is { Gone: false, Session: not 0 })
            {
                updates.Add(new VehicleUpdate(vehicle.Unit, vehicle.Session, vehicle.LabelsToRecord, vehicle.Link.Position));
            }
            else if (!vehicle.Gone)
            {
                // Its arrival carries what it reported; what came after is owed.
                vehicle.UpdateOwed = true;
            }
        }

        return updates.Count == 0
            ? Task.CompletedTask
            : _contact.UntilAnsweredAsync(() => _registry.UpdateAsync(_node.Pool, shard, updates, stop), stop);
    }
}
