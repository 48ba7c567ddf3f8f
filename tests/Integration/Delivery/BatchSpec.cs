using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Many vehicles in one call, over several buckets: each is treated as if it were alone.</summary>
public abstract class BatchSpec(RedisFixture redis)
{
    private const int Shard = 3;
    private const int Buckets = 4;

    /// <summary>A full batch of vehicles that lie in one shard.</summary>
    private static readonly string[] Vids = [.. Enumerable.Range(0, 10_000).Select(i => $"WVWZZZ1KZ{i:D8}").Where(vid => Shards.Of(vid) == Shard).Take(ShardArguments.MaxBatch)];

    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claim_ManyKinds_EachIsAnsweredInItsPlace()
    {
        await TargetAsync([.. Vids.Where((_, i) => i % 3 != 0)]);
        await SettleAsync([.. Vids.Where((_, i) => i % 3 == 1).Select(vid => new Settlement(vid, AckStatus.Rejected, "E1"))]);

        (await ClaimAsync(Vids)).Select(result => result.Outcome).ShouldBe(Vids.Select((_, i) => (i % 3) switch
        {
            0 => ClaimOutcome.NotTarget,
            1 => ClaimOutcome.Settled,
            _ => ClaimOutcome.Granted,
        }));
        LookReply look = await _scene.Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, Shard, Vids, Token);
        look.Standings.ShouldBe(Vids.Select((_, i) => (i % 3) switch
        {
            0 => VehicleStanding.NotTarget,
            1 => VehicleStanding.Final,
            _ => VehicleStanding.Open,
        }));
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Target_ManyAndAgain_EachIsFoundInItsBucket_AndCountsOnce()
    {
        await TargetAsync(Vids);
        await TargetAsync([.. Vids.Reverse()]);

        foreach (string vid in Vids)
        {
            (await redis.Store.Inquiry.FindAsync(_scene.Campaign, vid, Token)).ShouldHaveSingleItem().Unit.ShouldBe(vid);
        }

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = Vids.Length, Pending = Vids.Length });
    }

    [Fact]
    public async Task Settle_AVehicleTwice_TheSecondSeesWhatTheFirstHasDone()
    {
        await TargetAsync(Vids);
        await ClaimAsync(Vids);

        // Others before, between and behind.
        await SettleAsync([.. Vids[..9].Select(Received), new Settlement(Vids[4], AckStatus.Failed, "E2"), .. Vids[9..12].Select(Received), Received(Vids[11])]);

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = Vids.Length, InFlight = Vids.Length - 12, Delivered = 12, FailedLater = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Claim_AVehicleTwice_IsOneAttempt()
    {
        await TargetAsync(Vids[..8]);

        IReadOnlyList<ClaimResult> results = await ClaimAsync([.. Vids[..8], Vids[2]]);

        results.ShouldAllBe(result => result.Outcome == ClaimOutcome.Granted && result.Attempt == 1);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 8, InFlight = 8 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Claim_TheCapEndsInTheBatch_IsExact()
    {
        await TargetAsync(Vids);
        await _scene.SetQuotaAsync(Shard, 100);

        (await ClaimAsync(Vids)).CountBy(result => result.Outcome).ShouldBe(
            [new(ClaimOutcome.Granted, 100), new(ClaimOutcome.QuotaExhausted, Vids.Length - 100)], ignoreOrder: true);
        await _scene.ShouldBeCleanAsync();
    }

    protected async Task TargetAsync(string[] vids)
    {
        await _scene.Control.CreateAsync(_scene.Campaign, LedgerScene.Plan(cap: 1_000_000) with { ExpectedTargets = Buckets * 64 * Shards.Count }, Token);
        (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Shards[Shard]!.Buckets.ShouldBe(Buckets);
        (await _scene.Ledger.TargetAsync(_scene.Campaign, LedgerScene.Id, Shard, [.. vids.Select(vid => new Target(vid, false))], Token)).ShouldBe(LedgerReply.Ok);
    }

    protected async Task<IReadOnlyList<ClaimResult>> ClaimAsync(string[] vids) => (await _scene.Ledger.ClaimAsync(
        _scene.Campaign, LedgerScene.Id, Shard, LedgerScene.Patient, [.. vids.Select(vid => new ClaimRequest(vid, 1000, 0, false))], Token)).Results;

    protected async Task SettleAsync(Settlement[] settlements) =>
        (await _scene.Ledger.SettleAsync(_scene.Campaign, LedgerScene.Id, Shard, LedgerScene.Received, settlements, Token)).ShouldBe(LedgerReply.Ok);

    private static Settlement Received(string vid) => new(vid, AckStatus.Received, null);

    /// <summary>What it costs shows on a server of its own: one write a bucket, and not one a vehicle.</summary>
    protected async Task<(long Reads, long Writes)> CommandsOfADeliveryAsync()
    {
        await TargetAsync(Vids);
        (long reads, long writes) = await CommandsAsync();
        await ClaimAsync(Vids);
        await SettleAsync([.. Vids.Select(Received)]);
        (long readsAfter, long writesAfter) = await CommandsAsync();
        return (readsAfter - reads, writesAfter - writes);
    }

    private async Task<(long Reads, long Writes)> CommandsAsync()
    {
        Dictionary<string, string> calls = (await redis.Raw.GetServer(redis.Raw.GetEndPoints()[0]).InfoAsync("commandstats"))
            .SelectMany(section => section).ToDictionary(line => line.Key, line => line.Value);
        return (Of("hmget") + Of("hget"), Of("hset"));

        long Of(string command) => calls.TryGetValue($"cmdstat_{command}", out string? line) ? long.Parse(line["calls=".Length..line.IndexOf(',', StringComparison.Ordinal)]) : 0;
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class BatchOnSingleRedis(SingleRedis redis) : BatchSpec(redis)
{
    [Fact]
    public async Task ClaimAndSettle_AFullBatch_ReadsAndWritesEachBucketOnce()
    {
        (long reads, long writes) = await CommandsOfADeliveryAsync();

        // Claim and settle, four buckets each, and the shard's header; here and there two neighbours have the same hash.
        reads.ShouldBeInRange(10, 20);
        writes.ShouldBeInRange(8, 16);
    }
}

[Collection(ClusteredRedisGroup.Name)]
public sealed class BatchOnRedisCluster(ClusteredRedis redis) : BatchSpec(redis);
