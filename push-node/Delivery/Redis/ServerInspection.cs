using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Looks whether every master is fit to hold a ledger. By INFO, which managed services allow and CONFIG GET often not.</summary>
internal static class ServerInspection
{
    private static readonly Version Oldest = new(6, 0);

    public static async Task<ServerReport> InspectAsync(RedisConnection redis, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        List<string> warnings = [];
        foreach (IServer master in await redis.MastersAsync(cancellationToken))
        {
            IGrouping<string, KeyValuePair<string, string>>[] info = await redis.CallAsync(_ => master.InfoAsync(), cancellationToken);
            Dictionary<string, string> values = info.SelectMany(section => section).DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value);
            Judge($"{master.EndPoint}", values, faults, warnings);
        }

        return new ServerReport(faults, warnings);
    }

    internal static void Judge(string server, Dictionary<string, string> info, List<string> faults, List<string> warnings)
    {
        string policy = info.GetValueOrDefault("maxmemory_policy", "unknown");
        if (policy != "noeviction")
        {
            faults.Add($"Redis {server} may evict records (maxmemory-policy {policy}); it must be noeviction");
        }

        if (Version.TryParse(info.GetValueOrDefault("redis_version"), out Version? version) && version < Oldest)
        {
            faults.Add($"Redis {server} is {version}; at least {Oldest} is needed");
        }

        if (info.GetValueOrDefault("aof_enabled") != "1")
        {
            warnings.Add($"Redis {server} keeps no append-only file: a restart loses ledgers, and their campaigns stop");
        }
    }
}
