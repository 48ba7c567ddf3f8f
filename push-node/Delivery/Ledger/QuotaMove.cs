namespace PushPlatform.Delivery.Ledger;

/// <summary>A move of unused shares of a cap from shards where nobody takes them to shards that are out of theirs.</summary>
/// <param name="Lower">Shard and its new, lower quota; the ledger never goes below what is claimed. The other shards keep theirs.</param>
/// <param name="Raise">Shards that are to share whatever of the cap no shard has then, in this order.</param>
public sealed record QuotaMove(IReadOnlyList<(int Shard, long Quota)> Lower, IReadOnlyList<int> Raise)
{
    /// <summary>Divides what is free over the shards to raise: evenly, the first ones get what is left over.</summary>
    public IEnumerable<(int Shard, long More)> Share(long free)
    {
        for (int i = 0; i < Raise.Count; i++)
        {
            long more = (free / Raise.Count) + (i < free % Raise.Count ? 1 : 0);
            if (more > 0)
            {
                yield return (Raise[i], more);
            }
        }
    }
}
