using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Every key in Redis. The part in braces is what a Cluster places a key by: keys of one script share it.</summary>
internal static class PushKeys
{
    /// <summary>Buckets of one registry shard: ≈ 64 vehicles each at a million vehicles. Changing it loses the registry.</summary>
    public const int RegistryBuckets = 1024;

    /// <summary>Campaign → order.</summary>
    public static RedisKey Orders(PoolName pool) => $"push:{{{pool}}}:orders";

    /// <summary>Number of the last change of the orders.</summary>
    public static RedisKey OrderSeq(PoolName pool) => $"push:{{{pool}}}:seq";

    /// <summary>Campaign revision → tombstone; campaign → its highest finished revision.</summary>
    public static RedisKey Done(PoolName pool) => $"push:{{{pool}}}:done";

    /// <summary>Shard → what the last walk for a preview of this campaign counted.</summary>
    public static RedisKey Preview(PoolName pool, string campaignId) => $"push:{{{pool}}}:preview:{campaignId}";

    /// <summary>Node → its last beat.</summary>
    public static RedisKey Nodes(PoolName pool) => $"push:{{{pool}}}:nodes";

    /// <summary>Pod → since when it is told to send its vehicles away.</summary>
    public static RedisKey Drain(PoolName pool) => $"push:{{{pool}}}:drain";

    /// <summary>When the leading operator last beat.</summary>
    public static RedisKey OperatorBeat(PoolName pool) => $"push:{{{pool}}}:operator";

    /// <summary>Vehicle → session and node that hold it.</summary>
    public static RedisKey Online(PoolName pool, int shard) => $"push:{{{pool}:v:{shard}}}:online";

    /// <summary>Prefix of the registry's buckets (vehicle → what is known of it).</summary>
    public static RedisKey RegistryPrefix(PoolName pool, int shard) => $"push:{{{pool}:v:{shard}}}:reg:";

    /// <summary>Prefix of the buckets (vehicle → when and of what it was last told); there only while some campaign asks how long ago that was.</summary>
    public static RedisKey ToldPrefix(PoolName pool, int shard) => $"push:{{{pool}:v:{shard}}}:told:";

    /// <summary>Gate, rate and ledger id.</summary>
    public static RedisKey Pace(CampaignKey campaign) => $"push:{{{campaign}}}:pace";

    /// <summary>A shard's header and counters.</summary>
    public static RedisKey Header(CampaignKey campaign, int shard) => $"push:{{{campaign}:{shard}}}:n";

    /// <summary>Prefix of a shard's buckets (vehicle → record).</summary>
    public static RedisKey BucketPrefix(CampaignKey campaign, int shard) => $"push:{{{campaign}:{shard}}}:d:";

    public static RedisKey Bucket(CampaignKey campaign, int shard, int bucket) => $"push:{{{campaign}:{shard}}}:d:{bucket}";

    /// <summary>The last failures with their codes.</summary>
    public static RedisKey Failures(CampaignKey campaign, int shard) => $"push:{{{campaign}:{shard}}}:f";

    /// <summary>What every script of a ledger's shard gets as KEYS.</summary>
    public static RedisKey[] Shard(CampaignKey campaign, int shard) =>
        [Header(campaign, shard), BucketPrefix(campaign, shard), Failures(campaign, shard)];
}
