using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Registry;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Who was told of something else not long ago. The spec sets the times on record, for nobody sets Redis's clock.</summary>
public abstract class ToldSpec(RedisFixture redis)
{
    private const string Vid = "vin-1";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly PoolName _pool = redis.NewPool();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int Shard => Shards.Of(Vid);

    private RedisKey Bucket => PushKeys.ToldPrefix(_pool, Shard).Append((Shards.BucketHash(Vid) % PushKeys.RegistryBuckets).ToString());

    private IDatabase Raw => redis.Raw.GetDatabase();

    [Fact]
    public async Task Asked_NobodyIsNoted()
    {
        (await ToldAsync("a#1", Hour, now: false)).ShouldBe(TimeSpan.Zero);
        (await ToldAsync("b#1", Hour, now: false)).ShouldBe(TimeSpan.Zero);
        (await Raw.KeyExistsAsync(Bucket)).ShouldBeFalse();
    }

    [Fact]
    public async Task Told_AnotherWaits_TheSameDoesNot()
    {
        (await ToldAsync("a#1", Hour)).ShouldBe(TimeSpan.Zero);

        (await ToldAsync("a#1", Hour)).ShouldBe(TimeSpan.Zero, "what is sent again is nothing else");
        (await ToldAsync("b#1", Hour, now: false)).ShouldBeInRange(TimeSpan.FromMinutes(59), Hour);
        (await ToldAsync("a#2", Hour)).ShouldBeInRange(TimeSpan.FromMinutes(59), Hour, "a higher revision is");
        (await ToldAsync("a#1", Hour)).ShouldBe(TimeSpan.Zero, "whoever had to wait is not on record");
    }

    [Fact]
    public async Task Told_BySomeoneWhoLeavesNobodyAlone_CountsForOthers()
    {
        await ToldAsync("a#1", Hour);
        (await ToldAsync("b#1", TimeSpan.Zero)).ShouldBe(TimeSpan.Zero);
        (await ToldAsync("a#1", Hour)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("longer ago than asked", -3_600_001, 0)]
    [InlineData("just as long ago", -3_600_000, 0)]
    [InlineData("almost", -3_540_000, 60)]
    [InlineData("later than now: the clock was set back", 7_200_000, 3600)]
    public async Task LongAgo_WaitsForWhatIsLeft(string story, long agoMs, int seconds)
    {
        await ToldAsync("a#1", Hour);
        RedisValue told = await Raw.HashGetAsync(Bucket, Vid);
        string[] parts = ((string)told!).Split('|');
        await Raw.HashSetAsync(Bucket, Vid, $"{long.Parse(parts[0]) + agoMs}|{parts[1]}");

        (await ToldAsync("b#1", Hour, now: false)).ShouldBeInRange(TimeSpan.FromSeconds(Math.Max(0, seconds - 5)), TimeSpan.FromSeconds(seconds), story);
    }

    [Fact]
    public async Task Garbage_IsNothing_AndIsWrittenOver()
    {
        await Raw.HashSetAsync(Bucket, Vid, "yesterday");
        (await ToldAsync("a#1", Hour)).ShouldBe(TimeSpan.Zero);
        (await ToldAsync("b#1", Hour)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task ManyAtOnce_OfSeveralWhoWouldTellThem_OneMayTellEach()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(4, 100)];
        IReadOnlyList<TimeSpan>[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => redis.Store.Vehicles.ToldAsync(
            _pool, 4, new Telling($"campaign-{i}#1", Hour, Now: true), vids, Token)));

        for (int i = 0; i < vids.Length; i++)
        {
            answers.Count(answer => answer[i] == TimeSpan.Zero).ShouldBe(1);
        }
    }

    [Fact]
    public async Task WhatIsKept_GoesByItself_AndIsShort()
    {
        await ToldAsync("a#1", Hour);

        (await Raw.KeyTimeToLiveAsync(Bucket)).ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromDays(6), TimeSpan.FromDays(7));
        ((string)(await Raw.HashGetAsync(Bucket, Vid))!).Length.ShouldBeLessThanOrEqualTo(40);
    }

    [Theory]
    [InlineData("one more is let in", 190, false, 191)]
    [InlineData("the past is forgotten", 191, false, 1)]
    [InlineData("nobody is added", 191, true, 192)]
    [InlineData("there is room", 63, false, 64)]
    public async Task AFullBucket_ForgetsThePast_WithEverySixtyFourthThatIsAdded(string story, int past, bool known, int left)
    {
        await Raw.HashSetAsync(Bucket, [.. Enumerable.Range(0, past).Select(i => new HashEntry($"old-{i}", "1|x"))]);
        if (known)
        {
            await Raw.HashSetAsync(Bucket, Vid, "1|x");
        }
        await ToldAsync("a#1", Hour);

        (await Raw.HashLengthAsync(Bucket)).ShouldBe(left, story);
        (await ToldAsync("b#1", Hour)).ShouldBeGreaterThan(TimeSpan.Zero, "what is noted now is none of it");
    }

    private async Task<TimeSpan> ToldAsync(string delivery, TimeSpan leaveAlone, bool now = true) =>
        (await redis.Store.Vehicles.ToldAsync(_pool, Shard, new Telling(delivery, leaveAlone, now), [Vid], Token)).ShouldHaveSingleItem();
}

[Collection(SingleRedisGroup.Name)]
public sealed class ToldOnSingleRedis(SingleRedis redis) : ToldSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class ToldOnRedisCluster(ClusteredRedis redis) : ToldSpec(redis);
