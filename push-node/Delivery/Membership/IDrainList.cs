namespace PushPlatform.Delivery.Membership;

/// <summary>Which pods of a pool are told to send their vehicles away and to take no others. The truth: the bus only hints that it changed (G6).</summary>
/// <remarks>Every member may be repeated. All throw <see cref="StoreUnavailableException"/>.</remarks>
public interface IDrainList
{
    /// <summary>The list is gone so long after it was last written: pods that nobody supervises any more go on as before.</summary>
    static readonly TimeSpan Lasts = TimeSpan.FromHours(1);

    /// <summary>The pods, and for how long each has been told, by Redis's clock.</summary>
    Task<IReadOnlyDictionary<string, TimeSpan>> ReadAsync(PoolName pool, CancellationToken cancellationToken);

    /// <summary>Whether a pod is told. A node learns the same with each beat (<see cref="BeatReply.ToldToDrain"/>).</summary>
    Task<bool> ContainsAsync(PoolName pool, string pod, CancellationToken cancellationToken);

    /// <summary>Makes the list exactly this one; a pod that stands in it already keeps its time. True: it changed.</summary>
    Task<bool> SetAsync(PoolName pool, IReadOnlyCollection<string> pods, CancellationToken cancellationToken);
}
