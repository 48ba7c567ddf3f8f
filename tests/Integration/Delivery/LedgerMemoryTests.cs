using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>A million targets have to fit into a small Redis.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class LedgerMemoryTests(SingleRedis redis)
{
    private const int Vehicles = 50_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Targets_FiftyThousand_TakeAtMostFortyBytesEachAndStayListpacks()
    {
        LedgerScene scene = new(redis);
        await scene.Control.CreateAsync(scene.Campaign, LedgerScene.Plan() with { ExpectedTargets = Vehicles }, Token);
        // As long as a VIN.
        ILookup<int, string> shards = Enumerable.Range(0, Vehicles).Select(i => $"WVWZZZ1KZ{i:D8}").ToLookup(Shards.Of);
        foreach (IGrouping<int, string> shard in shards)
        {
            foreach (string[] batch in shard.Chunk(256))
            {
                await scene.Ledger.TargetAsync(scene.Campaign, LedgerScene.Id, shard.Key, [.. batch.Select(vid => new Target(vid, true))], Token);
            }
        }

        LedgerReading reading = (await scene.Control.ReadAsync(scene.Campaign, Token))!;
        reading.Counts.Targeted.ShouldBe(Vehicles);
        RedisKey[] buckets = [.. reading.Shards.SelectMany(
            shard => Enumerable.Range(0, shard!.Buckets).Select(bucket => PushKeys.Bucket(scene.Campaign, shard.Shard, bucket)))];
        (await BytesAsync(scene, buckets) / (double)Vehicles).ShouldBeLessThanOrEqualTo(40);

        // The longest record there is: sent, after many attempts, to a session of today.
        string vid = shards[0].First();
        const long Session = 1_800_000_000_000_000;
        await scene.Ledger.ClaimAsync(scene.Campaign, LedgerScene.Id, 0, LedgerScene.Patient, [new ClaimRequest(vid, Session, 0, false)], Token);
        foreach (RedisKey bucket in buckets)
        {
            ((string)await scene.Raw.ExecuteAsync("OBJECT", "ENCODING", bucket)).ShouldBe("listpack");
        }
    }

    private static async Task<long> BytesAsync(LedgerScene scene, RedisKey[] keys)
    {
        long bytes = 0;
        foreach (RedisKey key in keys)
        {
            bytes += (long)await scene.Raw.ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", 0);
        }

        return bytes;
    }
}
