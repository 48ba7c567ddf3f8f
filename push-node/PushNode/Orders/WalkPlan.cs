using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Orders;

/// <summary>What there is to walk for.</summary>
internal static class WalkPlan
{
    private const long PreviewAgeMicroseconds = 60_000_000;

    /// <summary>Orders whose targets are found by walking the registry.</summary>
    public static IEnumerable<ActiveOrder> Concerns(OrderSnapshot orders) => orders.ByPriority.Where(
        active => !active.Order.Listed && (active.Order.Gate == Gate.Preview || (active.Order.Gate == Gate.Freeze && active.LedgerId.Length > 0)));

    /// <summary>Shards without a result for this very order, or with one older than a minute.</summary>
    /// <param name="now">Redis time in µs.</param>
    public static IEnumerable<int> StalePreviews(Order order, IReadOnlyList<PreviewShard> results, long now)
    {
        HashSet<int> fresh = [.. results
            .Where(result => result.OwnerUid == order.OwnerUid && result.Generation == order.Generation && now - result.At < PreviewAgeMicroseconds)
            .Select(result => result.Shard)];
        return Enumerable.Range(0, Shards.Count).Where(shard => !fresh.Contains(shard));
    }

    /// <summary>Not connected, or held by a node that is dead.</summary>
    public static bool IsAway(KnownVehicle vehicle, IReadOnlySet<string> liveNodes) => vehicle.Holder is not { } holder || !liveNodes.Contains(holder.Node);
}
