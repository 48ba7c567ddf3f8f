namespace PushPlatform.Delivery.Membership;

/// <summary>Which nodes of a pool live. Times are Redis's own, so clocks of nodes do not matter.</summary>
/// <remarks>Every member may be repeated. All throw <see cref="StoreUnavailableException"/>.</remarks>
public interface INodeMembership
{
    /// <summary>A node whose last beat is older than this counts as dead.</summary>
    static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(5);

    /// <summary>Once a second from each node; answers what the node must compare itself with.</summary>
    Task<BeatReply> BeatAsync(PoolName pool, NodeBeat beat, CancellationToken cancellationToken);

    /// <summary>The live nodes' last beats; entries long dead are cleared away.</summary>
    Task<IReadOnlyList<NodeBeat>> LiveNodesAsync(PoolName pool, CancellationToken cancellationToken);

    /// <summary>A node that stops in order says so.</summary>
    Task LeaveAsync(PoolName pool, string node, CancellationToken cancellationToken);

    /// <summary>The leading operator says that it lives, with each tick that it publishes: silence of the bus is then the bus's fault.</summary>
    Task OperatorBeatAsync(PoolName pool, CancellationToken cancellationToken);
}

/// <param name="OrderSeq">The order book's sequence number now: another one than the node's means that it missed something.</param>
/// <param name="OperatorAge">Since the operator last beat; null when never.</param>
/// <param name="RedisNow">Redis time in µs.</param>
public sealed record BeatReply(long OrderSeq, TimeSpan? OperatorAge, long RedisNow)
{
    /// <summary>The node's pod stands in the pool's <see cref="IDrainList"/>.</summary>
    public bool ToldToDrain { get; init; }
}

/// <summary>What a node says of itself once a second.</summary>
public sealed record NodeBeat
{
    /// <summary>Pod name and boot nonce: a restarted container is another node.</summary>
    public required string Node { get; init; }

    public required string Pod { get; init; }

    public required int Connections { get; init; }

    public required bool Accepting { get; init; }

    /// <summary>The order book's sequence number that the node carries out.</summary>
    public required long OrderSeq { get; init; }

    public IReadOnlyList<OrderProgress> Orders { get; set; } = [];
}

/// <summary>Where one node stands with one order.</summary>
/// <param name="Seq">The order's own <c>Seq</c> as applied here.</param>
/// <param name="Online">Local vehicles that the order is for: matching while it is a preview, targets once it is frozen.</param>
/// <param name="Open">Of those, the ones not settled yet (to be told, or in flight).</param>
public sealed record OrderProgress(string CampaignId, int Revision, long Seq, int Online, int Open)
{
    /// <summary>Of those online, the ones that wait for their quiet hours to end; they are not in <see cref="Open"/>.</summary>
    public int InQuietHours { get; init; }
}
