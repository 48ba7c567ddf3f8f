using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Which unused shares of a cap are to go from shards where nobody takes them to shards that are out of theirs (G4).</summary>
internal static class QuotaPlan
{
    /// <summary>Quota that nobody used for this long lies idle: a node asks for its starved cars each second.</summary>
    internal static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(1.5);

    /// <summary>Null when nothing has to move.</summary>
    /// <param name="shards">As read now.</param>
    /// <param name="cap">What the quotas add up to, unless a step has opened, or a move broke off and left a part with no shard.</param>
    /// <param name="claimedBefore">What each had claimed <see cref="IdleFor"/> ago; null when that is not known.</param>
    public static QuotaMove? Next(IReadOnlyList<LedgerShard> shards, long cap, IReadOnlyList<long>? claimedBefore)
    {
        long free = cap - shards.Sum(shard => shard.Quota ?? 0);
        if (free >= shards.Count)
        {
            return new QuotaMove([], WhoWaits(shards));
        }
        List<int> dry = [.. shards.Where(shard => Headroom(shard) <= 0 && shard.Untold > 0).Select(shard => shard.Shard)];
        if (dry.Count == 0)
        {
            return null;
        }
        List<(int, long)> lower = [.. shards
            .Where(shard => Headroom(shard) > 0 && IsIdle(shard, claimedBefore))
            .Select(shard => (shard.Shard, shard.Claimed + Kept(shard)))];
        return lower.Count == 0 && free <= 0 ? null : new QuotaMove(lower, InTurn(dry, lower.Count == 0 ? -1 : lower[0].Item1));
    }

    private static long Headroom(LedgerShard shard) => (shard.Quota ?? long.MaxValue) - shard.Claimed;

    // A step's share is for all at once, wherever a car may be waiting.
    private static List<int> WhoWaits(IReadOnlyList<LedgerShard> shards)
    {
        List<int> waiting = [.. shards.Where(shard => shard.Untold > 0).Select(shard => shard.Shard)];
        return waiting.Count > 0 ? waiting : [.. shards.Select(shard => shard.Shard)];
    }

    private static bool IsIdle(LedgerShard shard, IReadOnlyList<long>? claimedBefore) =>
        shard.Untold == 0 || claimedBefore?[shard.Shard] == shard.Claimed;

    // A shard with candidates keeps half: the next car to come online may be its own. One without keeps nothing.
    private static long Kept(LedgerShard shard) => shard.Untold == 0 ? 0 : Math.Min(Headroom(shard), shard.Untold) / 2;

    // After the giver, round and round: the last unit of a cap visits every shard, also those whose cars are all away.
    private static List<int> InTurn(List<int> dry, int giver) => [.. dry.OrderBy(shard => shard > giver ? 0 : 1).ThenBy(shard => shard)];
}
