namespace PushPlatform.Delivery.Membership;

/// <summary>Names the one live node that walks a registry shard, without anybody coordinating it (highest random weight, Thaler and Ravishankar 1996).</summary>
public static class Rendezvous
{
    /// <summary>The node of a shard; null when no node lives. Two nodes may both think so for a moment: a walk may be repeated.</summary>
    public static string? NodeFor(int shard, IEnumerable<string> nodes) =>
        nodes.MaxBy(node => (Shards.BucketHash($"{shard}@{node}"), node));
}
