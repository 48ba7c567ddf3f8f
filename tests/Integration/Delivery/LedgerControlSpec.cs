using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Making, ending and retiring a ledger (G10).</summary>
public abstract class LedgerControlSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ILedgerControl Control => _scene.Control;

    [Fact]
    public async Task Create_New_IsWholeClosedAndSplitsTheCapExactly()
    {
        (await Control.ReadAsync(_scene.Campaign, Token)).ShouldBeNull();
        CreateReply reply = await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan(cap: 100) with { ExpectedTargets = 100_000 }, Token);

        LedgerReading reading = (await Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.LedgerId, reading.ContentHash, reading.OwnerUid, reading.StartedAt).ShouldBe((LedgerScene.Id, "hash", "owner", reply.StartedAt));
        reading.Whole.ShouldBeTrue();
        reading.Frozen.ShouldBeFalse();
        reading.Pace!.Open.ShouldBeFalse();
        reading.Shards.Sum(shard => shard!.Quota).ShouldBe(100);
        reading.Shards.ShouldAllBe(shard => shard!.Buckets == 98);
        reading.RedisNow.ShouldBeGreaterThan(reading.StartedAt);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Create_Again_ChangesNothing()
    {
        await _scene.WithTargetsAsync("v1");
        await Control.SetPaceAsync(_scene.Campaign, LedgerScene.Id, LedgerScene.OpenPace(7), Token);
        CreateReply again = await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan(cap: 5), Token);

        again.Outcome.ShouldBe(CreateOutcome.Created);
        LedgerReading reading = (await Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.Pace!.Open, reading.Pace.RatePerSecond).ShouldBe((true, 7));
        reading.StartedAt.ShouldBe(again.StartedAt);
        reading.Shards.ShouldAllBe(shard => shard!.Quota == null);
        (await _scene.CountsAsync()).Targeted.ShouldBe(1);
    }

    [Theory]
    [InlineData("ledger-2", "hash", "owner", CreateOutcome.Exists)]
    [InlineData("ledger-2", "other", "owner", CreateOutcome.OtherContent)]
    [InlineData("ledger-2", "hash", "other", CreateOutcome.OtherOwner)]
    [InlineData("ledger-2", "other", "other", CreateOutcome.OtherContent)]
    public async Task Create_WhereALedgerStands_TellsWhoseAndSendsNothingAgain(string id, string content, string owner, CreateOutcome expected)
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.SettleAsync("v1", AckStatus.Received);
        LedgerPlan plan = LedgerScene.Plan() with { LedgerId = id, ContentHash = content, OwnerUid = owner };

        CreateReply reply = await Control.CreateAsync(_scene.Campaign, plan, Token);

        (reply.Outcome, reply.LedgerId).ShouldBe((expected, LedgerScene.Id));
        (await _scene.ClaimAsync("v1", 1)).Outcome.ShouldBe(ClaimOutcome.Settled);
        (await _scene.Ledger.ClaimAsync(_scene.Campaign, id, Shards.Of("v1"), LedgerScene.Patient, [new ClaimRequest("v1", 1, 0, true)], Token))
            .LedgerLost.ShouldBeTrue();
    }

    [Theory]
    [InlineData(LedgerScene.Id, CreateOutcome.Created)]
    [InlineData("ledger-2", CreateOutcome.Exists)]
    public async Task Create_AfterACrashHalfWay_CompletesWhatWasBegun(string id, CreateOutcome expected)
    {
        await _scene.CreatedAsync(cap: 32);
        await _scene.Raw.HashSetAsync(PushKeys.Pace(_scene.Campaign), "whole", 0);
        await _scene.LoseHeaderAsync(9);
        (await Control.ReadAsync(_scene.Campaign, Token))!.Whole.ShouldBeFalse();

        (await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan(cap: 32) with { LedgerId = id }, Token)).Outcome.ShouldBe(expected);

        LedgerReading reading = (await Control.ReadAsync(_scene.Campaign, Token))!;
        reading.Whole.ShouldBeTrue();
        reading.LedgerId.ShouldBe(LedgerScene.Id);
        reading.Shards[9]!.Quota.ShouldBe(2);
    }

    [Fact]
    public async Task Freeze_AllShards_ThenTargetRefusesAndFrozenTells()
    {
        await _scene.WithTargetsAsync("v1");
        (await _scene.Ledger.FrozenAsync(_scene.Campaign, LedgerScene.Id, Token)).ShouldBe(Enumerable.Repeat(false, Shards.Count));
        foreach (int shard in Enumerable.Range(0, Shards.Count))
        {
            (await _scene.Ledger.MarkFrozenAsync(_scene.Campaign, LedgerScene.Id, shard, Token)).ShouldBe(LedgerReply.Ok);
        }

        (await _scene.TargetAsync("v2")).ShouldBe(LedgerReply.Frozen);
        (await _scene.Ledger.FrozenAsync(_scene.Campaign, LedgerScene.Id, Token)).ShouldAllBe(frozen => frozen);
        (await _scene.Ledger.FrozenAsync(_scene.Campaign, "ledger-2", Token)).ShouldBeEmpty();
        (await Control.ReadAsync(_scene.Campaign, Token))!.Frozen.ShouldBeTrue();
        (await _scene.CountsAsync()).Targeted.ShouldBe(1);
    }

    [Theory]
    [InlineData(EndOpen.PendingExpired, DeliveryState.Expired, DeliveryState.Sent, DeliveryState.Received)]
    [InlineData(EndOpen.PendingSuppressed, DeliveryState.Suppressed, DeliveryState.Sent, DeliveryState.Received)]
    [InlineData(EndOpen.AllExpired, DeliveryState.Expired, DeliveryState.Expired, DeliveryState.Expired)]
    public async Task End_OpenRecords_ByKind(EndOpen what, DeliveryState pending, DeliveryState sent, DeliveryState received)
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(3, 4)];
        await _scene.WithTargetsAsync(vids);
        await _scene.ClaimAsync(vids[1], 1);
        await _scene.SettleAsync(vids[2], AckStatus.Received, LedgerScene.Installed);
        await _scene.SettleAsync(vids[3], AckStatus.Received);

        EndReply reply = await Control.EndAsync(_scene.Campaign, LedgerScene.Id, 3, what, Token);
        EndReply again = await Control.EndAsync(_scene.Campaign, LedgerScene.Id, 3, what, Token);

        (reply.LedgerLost, reply.More).ShouldBe((false, false));
        again.Changed.ShouldBe(0);
        Dictionary<string, DeliveryRecord> records = await _scene.RecordsAsync();
        vids.Select(vid => records[vid].State).ShouldBe([pending, sent, received, DeliveryState.Delivered]);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task End_ManyBuckets_ComesToAnEndInBoundedCalls()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(3, 1500)];
        await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan() with { ExpectedTargets = 24_000 }, Token);
        foreach (string[] batch in vids.Chunk(256))
        {
            await _scene.Ledger.TargetAsync(_scene.Campaign, LedgerScene.Id, 3, [.. batch.Select(vid => new Target(vid, false))], Token);
        }

        List<EndReply> replies = [];
        do
        {
            replies.Add(await Control.EndAsync(_scene.Campaign, LedgerScene.Id, 3, EndOpen.PendingExpired, Token));
        }
        while (replies[^1].More && replies.Count < 20);

        replies.Count.ShouldBeInRange(2, 5);
        replies.Sum(reply => reply.Changed).ShouldBe(1500);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1500, Expired = 1500 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Retire_Twice_KeepsTheFirstTimeAndCoversEveryKey()
    {
        await _scene.WithTargetsAsync("v1", "v2");
        await _scene.SettleAsync("v1", AckStatus.Failed, code: "x");
        await _scene.SettleAsync("v2", AckStatus.Received);
        await Control.RetireAsync(_scene.Campaign, LedgerScene.Id, TimeSpan.FromDays(1), Token);
        await Control.RetireAsync(_scene.Campaign, LedgerScene.Id, TimeSpan.FromDays(90), Token);
        await _scene.SettleAsync("v2", AckStatus.Failed, code: "late");

        int shard = Shards.Of("v1");
        int late = Shards.Of("v2");
        RedisKey[] keys =
        [
            PushKeys.Pace(_scene.Campaign), PushKeys.Header(_scene.Campaign, shard), PushKeys.Bucket(_scene.Campaign, shard, 0),
            PushKeys.Failures(_scene.Campaign, shard), PushKeys.Failures(_scene.Campaign, late),
        ];
        foreach (RedisKey key in keys)
        {
            TimeSpan? left = await _scene.Raw.KeyTimeToLiveAsync(key);
            left.ShouldNotBeNull($"{key}").ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        }
    }

    [Fact]
    public async Task Scripts_Flushed_AreLoadedAgain()
    {
        await _scene.WithTargetsAsync("v1");
        foreach (System.Net.EndPoint point in redis.Raw.GetEndPoints())
        {
            await redis.Raw.GetServer(point).ScriptFlushAsync();
        }

        (await _scene.ClaimAsync("v1", 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.ClaimAsync("v1", 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
    }

    [Fact]
    public async Task InspectServer_NoEvictionAndAof_IsFit()
    {
        ServerReport report = await Control.InspectServerAsync(Token);
        report.Faults.ShouldBeEmpty();
        report.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task InspectServer_WhileTheFirstConnectionIsBeingMade_WaitsForIt()
    {
        await using RedisStore store = RedisStore.Open(redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        (await store.Control.InspectServerAsync(Token)).Faults.ShouldBeEmpty();
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class LedgerControlOnSingleRedis(SingleRedis redis) : LedgerControlSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LedgerControlOnRedisCluster(ClusteredRedis redis) : LedgerControlSpec(redis);
