namespace PushPlatform.Delivery;

/// <summary>Where a vehicle's records lie. The same in every process and for ever: changing it orphans every ledger.</summary>
public static class Shards
{
    /// <summary>Shards of each registry and ledger.</summary>
    public const int Count = 16;

    /// <summary>How many values <see cref="BucketHash"/> has: a product of one and a number of buckets is exact in a Lua number.</summary>
    public const uint BucketHashes = 1 << 28;

    /// <summary>The shard of a unit, 0 to <see cref="Count"/> - 1: that of its vid.</summary>
    public static int Of(string unit) => (int)(Hash(UnitId.VidOf(unit)) % Count);

    /// <summary>What picks a unit's bucket within its shard, by its vid too: independent of the shard's bits, 0 to <see cref="BucketHashes"/> - 1.</summary>
    public static uint BucketHash(string unit) => Hash(UnitId.VidOf(unit)) / Count;

    /// <summary>The bucket of a unit in a ledger's shard, 0 to <paramref name="buckets"/> - 1: in the order of <see cref="BucketHash"/>, as <c>_shard.lua</c> has it.</summary>
    public static int BucketOf(string unit, int buckets) => (int)((long)BucketHash(unit) * buckets / BucketHashes);

    // FNV-1a over UTF-16 code units, finished with MurmurHash3's avalanche so that neighbours such as vin-1 and vin-2 spread.
    private static uint Hash(ReadOnlySpan<char> vid)
    {
        uint hash = 2166136261;
        foreach (char unit in vid)
        {
            hash = (hash ^ unit) * 16777619;
        }

        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
