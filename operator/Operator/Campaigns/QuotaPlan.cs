using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <param name="Lower">Shard and its new, lower quota; the ledger never goes below what is claimed.</param>
/// <param name="Raise">Shards that are to share what becomes free, in this order.</param>
internal sealed record QuotaMove(IReadOnlyList<(int Shard, long Quota)> Lower, IReadOnlyList<int> Raise);

/// <summary>
/// Moves a cap's unused share from shards where nobody takes it to shards that are out of it (G4): the sum never exceeds the cap, because
/// nothing is raised before as much was really lowered.
/// </summary>
internal static class QuotaPlan
{
    /// <summary>Null when nothing has to move.</summary>
    /// <param name="shards">As read now.</param>
    /// <param name="claimedBefore">What each had claimed at the last look, a second ago.</param>
    public static QuotaMove? Next(IReadOnlyList<LedgerShard> shards, IReadOnlyList<long>? claimedBefore)
    {
        if (claimedBefore is null)
        {
            return null;
        }
        List<int> dry = [.. shards.Where(shard => Headroom(shard) <= 0 && shard.Counts.Pending > 0).Select(shard => shard.Shard)];
        if (dry.Count == 0)
        {
            return null;
        }
        List<(int, long)> lower = [.. shards
            .Where(shard => Headroom(shard) > 0 && IsIdle(shard, claimedBefore))
            .Select(shard => (shard.Shard, shard.Claimed + Kept(shard)))];
        return lower.Count == 0 ? null : new QuotaMove(lower, InTurn(dry, lower[0].Item1));
    }

    /// <summary>Divides what is free over the shards: evenly, the first ones get what is left over.</summary>
    public static IEnumerable<(int Shard, long More)> Share(long free, IReadOnlyList<int> shards)
    {
        for (int i = 0; i < shards.Count; i++)
        {
            long more = (free / shards.Count) + (i < free % shards.Count ? 1 : 0);
            if (more > 0)
            {
                yield return (shards[i], more);
            }
        }
    }

    private static long Headroom(LedgerShard shard) => (shard.Quota ?? long.MaxValue) - shard.Claimed;

    private static bool IsIdle(LedgerShard shard, IReadOnlyList<long> claimedBefore) =>
        shard.Counts.Pending == 0 || claimedBefore[shard.Shard] == shard.Claimed;

    // A shard with candidates keeps half: the next car to come online may be its own. One without keeps nothing.
    private static long Kept(LedgerShard shard) => shard.Counts.Pending == 0 ? 0 : Math.Min(Headroom(shard), shard.Counts.Pending) / 2;

    // After the giver, round and round: the last unit of a cap visits every shard, also those whose cars are all away.
    private static List<int> InTurn(List<int> dry, int giver) => [.. dry.OrderBy(shard => shard > giver ? 0 : 1).ThenBy(shard => shard)];
}
