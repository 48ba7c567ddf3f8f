using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Orders;

/// <summary>The safety net: within 30 s every local session is compared with the registry, and every local vehicle with every open order.</summary>
internal sealed class Rounds(
    NodeIdentity node, IVehicleRegistry registry, VehicleIndex index, Campaigns campaigns, RegistryWriter writer, StoreContact contact) : IDisposable
{
    /// <summary>Of one round over all shards.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Wakeup _hurry = new();
    private int _shardsInHurry;

    /// <summary>Goes through all shards now: Redis was away, or may have lost something.</summary>
    public void Hurry()
    {
        Interlocked.Exchange(ref _shardsInHurry, Shards.Count);
        _hurry.Set();
    }

    public async Task RunAsync(CancellationToken stop)
    {
        for (int shard = 0; ; shard = (shard + 1) % Shards.Count)
        {
            if (Volatile.Read(ref _shardsInHurry) > 0)
            {
                Interlocked.Decrement(ref _shardsInHurry);
            }
            else
            {
                await _hurry.WaitAsync(Period / Shards.Count, stop);
            }

            await GoThroughAsync(shard, stop);
        }
    }

    public void Dispose() => _hurry.Dispose();

    private async Task GoThroughAsync(int shard, CancellationToken stop)
    {
        IEnumerable<LocalVehicle> vehicles = index.Links
            .Select(LocalVehicle.Of)
            .OfType<LocalVehicle>()
            .Where(vehicle => vehicle.Shard == shard && vehicle is { Welcomed: true, Session: not 0 });
        foreach (LocalVehicle[] batch in vehicles.Chunk(ShardLanes<LocalVehicle>.BatchSize))
        {
            await ConfirmAsync(shard, batch, stop);
            foreach (LocalVehicle vehicle in batch)
            {
                foreach (CampaignRunner runner in campaigns.Running)
                {
                    runner.Consider(vehicle, recheck: true);
                }
            }
        }
    }

    private async Task ConfirmAsync(int shard, LocalVehicle[] batch, CancellationToken stop)
    {
        VehicleSession[] sessions = [.. batch.Select(vehicle => new VehicleSession(vehicle.Unit, vehicle.Session))];
        IReadOnlyList<Superseded> superseded = [];
        // What this round cannot ask, the next one will.
        await contact.TryAsync(async () => superseded = await registry.ConfirmAsync(node.Pool, shard, node.Name, sessions, stop));
        Dictionary<string, long> news = superseded.ToDictionary(vehicle => vehicle.Vid, vehicle => vehicle.Session, StringComparer.Ordinal);
        foreach (LocalVehicle vehicle in batch)
        {
            if (news.TryGetValue(vehicle.Unit, out long session))
            {
                GoOn(vehicle, session);
            }
            else if (vehicle.UpdateOwed)
            {
                vehicle.UpdateOwed = false;
                writer.Reported(vehicle);
            }
        }
    }

    private void GoOn(LocalVehicle vehicle, long session)
    {
        if (session == 0)
        {
            vehicle.Link.Close(CloseReason.Replaced);
            return;
        }

        vehicle.Renewed(session);
        Interlocked.MemoryBarrier();
        // It left meanwhile and may have said so of its old session only. A newer connection of it here learns of this session when it is confirmed.
        if (vehicle.Gone && index.Find(vehicle.Unit) is null)
        {
            writer.Left(vehicle);
        }
    }
}
