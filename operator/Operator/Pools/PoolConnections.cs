using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Pools;

/// <summary>What a pool's nodes say of themselves, and which of them are told to drain. Outlives the controller, of which each run has a new one.</summary>
internal sealed class PoolConnections(INodeMembership membership, IDrainList drains, CampaignMetrics metrics, ILogger<PoolConnections> log)
{
    // Pools whose Redis did not answer the last time: only what changes is logged. At most one entry a pool.
    private readonly ConcurrentDictionary<NamespacedName, bool> _withoutRedis = new();

    public async Task<PoolReading> ReadAsync(PushPool pool, CancellationToken cancellationToken)
    {
        NamespacedName key = pool.Key();
        PoolName name = new(key.Namespace, key.Name);
        try
        {
            IReadOnlyList<NodeBeat> nodes = await membership.LiveNodesAsync(name, cancellationToken);
            IReadOnlyDictionary<string, TimeSpan> told = await drains.ReadAsync(name, cancellationToken);
            long connections = nodes.Sum(node => (long)node.Connections);
            metrics.ObservePool(key, connections);
            if (_withoutRedis.TryRemove(key, out _))
            {
                log.PoolHasRedisAgain(key);
            }
            return new PoolReading(nodes, told, connections, null);
        }
        catch (StoreUnavailableException fault)
        {
            if (_withoutRedis.TryAdd(key, true))
            {
                log.PoolWithoutRedis(key, fault.Message);
            }
            return new PoolReading([], new Dictionary<string, TimeSpan>(), null, fault.Message);
        }
    }

    public void Forget(PushPool pool)
    {
        metrics.ForgetPool(pool.Key());
        _withoutRedis.TryRemove(pool.Key(), out _);
    }
}

/// <param name="Nodes">Those that live; none while Redis does not answer.</param>
/// <param name="Told">Pods that are told to drain, and for how long.</param>
/// <param name="Connections">Over all live nodes; null while Redis does not answer.</param>
/// <param name="RedisFault">What is wrong then.</param>
internal sealed record PoolReading(IReadOnlyList<NodeBeat> Nodes, IReadOnlyDictionary<string, TimeSpan> Told, long? Connections, string? RedisFault);
