using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Pools;

/// <summary>How many cars are connected to a pool. Outlives the controller, of which each run has a new one.</summary>
internal sealed class PoolConnections(INodeMembership membership, CampaignMetrics metrics, ILogger<PoolConnections> log)
{
    // Pools whose Redis did not answer the last time: only what changes is logged. At most one entry a pool.
    private readonly ConcurrentDictionary<NamespacedName, bool> _withoutRedis = new();

    public async Task<PoolCount> CountAsync(PushPool pool, CancellationToken cancellationToken)
    {
        NamespacedName key = pool.Key();
        try
        {
            IReadOnlyList<NodeBeat> nodes = await membership.LiveNodesAsync(new PoolName(key.Namespace, key.Name), cancellationToken);
            long connections = nodes.Sum(node => (long)node.Connections);
            metrics.ObservePool(key, connections);
            if (_withoutRedis.TryRemove(key, out _))
            {
                log.PoolHasRedisAgain(key);
            }
            return new PoolCount(connections, null);
        }
        catch (StoreUnavailableException fault)
        {
            if (_withoutRedis.TryAdd(key, true))
            {
                log.PoolWithoutRedis(key, fault.Message);
            }
            return new PoolCount(null, fault.Message);
        }
    }

    public void Forget(PushPool pool)
    {
        metrics.ForgetPool(pool.Key());
        _withoutRedis.TryRemove(pool.Key(), out _);
    }
}

/// <param name="Connections">Over all live nodes; null while Redis does not answer.</param>
/// <param name="RedisFault">What is wrong then.</param>
internal readonly record struct PoolCount(long? Connections, string? RedisFault);
