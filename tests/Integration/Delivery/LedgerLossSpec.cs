using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>A lost ledger stops its campaign, whole or one shard of it, and is never started over (G9).</summary>
public abstract class LedgerLossSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ILedgerControl Control => _scene.Control;

    [Fact]
    public async Task Lost_HeaderOfOneShard_IsNeverStartedOver()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(9, 2)];
        await _scene.WithTargetsAsync(vids[0]);
        await _scene.LoseHeaderAsync(9);

        await ShouldBeLostAsync(9, vids[0]);
        await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan(), Token);
        LedgerReading reading = (await Control.ReadAsync(_scene.Campaign, Token))!;
        reading.Whole.ShouldBeFalse();
        reading.Shards[9].ShouldBeNull();
        (await Control.AuditAsync(_scene.Campaign, Token)).Clean.ShouldBeFalse();
    }

    [Fact]
    public async Task Lost_PaceOnly_LeavesARemnantThatIsToldNotCompleted()
    {
        await _scene.CreatedAsync();
        await _scene.Raw.KeyDeleteAsync(PushKeys.Pace(_scene.Campaign));

        (await _scene.Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(1), Token)).Outcome.ShouldBe(LeaseOutcome.LedgerLost);
        (await Control.CreateAsync(_scene.Campaign, LedgerScene.Plan() with { LedgerId = "ledger-2" }, Token))
            .ShouldBe(new CreateReply(CreateOutcome.Exists, LedgerScene.Id, (await Control.ReadAsync(_scene.Campaign, Token))!.StartedAt));
        LedgerReading reading = (await Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.Whole, reading.Pace, reading.LedgerId).ShouldBe((false, null, LedgerScene.Id));
    }

    [Fact]
    public async Task Lost_WholeRedisFlushed_EveryCallSaysSoAndWritesNothing()
    {
        await _scene.WithTargetsAsync("v1");
        await redis.FlushAsync();

        foreach (int shard in Enumerable.Range(0, Shards.Count))
        {
            await ShouldBeLostAsync(shard, RegistrySpec.VidsOfShard(shard, 1).Single());
        }

        (await _scene.Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(1), Token)).Outcome.ShouldBe(LeaseOutcome.LedgerLost);
        (await Control.SetPaceAsync(_scene.Campaign, LedgerScene.Id, LedgerScene.OpenPace(), Token)).ShouldBeFalse();
        (await Control.SuperviseAsync(_scene.Campaign, LedgerScene.Id, TimeSpan.FromMinutes(1), Token)).ShouldBeFalse();
        await Control.RetireAsync(_scene.Campaign, LedgerScene.Id, TimeSpan.FromDays(1), Token);
        (await Control.ReadAsync(_scene.Campaign, Token)).ShouldBeNull();
        (await Control.AuditAsync(_scene.Campaign, Token)).Scanned.ShouldBe(LedgerCounts.Zero);
    }

    [Fact]
    public async Task Calls_WithAnotherLedgersId_ChangeNothing()
    {
        await _scene.WithTargetsAsync("v1");
        Dictionary<string, DeliveryRecord> before = await _scene.RecordsAsync();
        await ShouldBeLostAsync(Shards.Of("v1"), "v1", "ledger-2");
        (await _scene.RecordsAsync()).ShouldBe(before);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, Pending = 1 });
    }

    private async Task ShouldBeLostAsync(int shard, string vid, string id = LedgerScene.Id)
    {
        IDeliveryLedger ledger = _scene.Ledger;
        (await ledger.ClaimAsync(_scene.Campaign, id, shard, LedgerScene.Patient, [new ClaimRequest(vid, 1, 0, true)], Token)).LedgerLost.ShouldBeTrue();
        (await ledger.LookAsync(_scene.Campaign, id, shard, [vid], Token)).LedgerLost.ShouldBeTrue();
        (await ledger.SettleAsync(_scene.Campaign, id, shard, LedgerScene.Received, [new Settlement(vid, AckStatus.Received, null)], Token))
            .ShouldBe(LedgerReply.LedgerLost);
        (await ledger.TargetAsync(_scene.Campaign, id, shard, [new Target(vid, false)], Token)).ShouldBe(LedgerReply.LedgerLost);
        (await ledger.MarkFrozenAsync(_scene.Campaign, id, shard, Token)).ShouldBe(LedgerReply.LedgerLost);
        (await ledger.FrozenAsync(_scene.Campaign, id, Token)).ShouldBeEmpty();
        (await Control.EndAsync(_scene.Campaign, id, shard, EndOpen.AllExpired, Token)).LedgerLost.ShouldBeTrue();
        (await Control.SweepTimeoutsAsync(_scene.Campaign, id, shard, 0, null, Token)).LedgerLost.ShouldBeTrue();
        (await Control.RetryAsync(_scene.Campaign, id, shard, 1, null, Token)).LedgerLost.ShouldBeTrue();
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class LedgerLossOnSingleRedis(SingleRedis redis) : LedgerLossSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LedgerLossOnRedisCluster(ClusteredRedis redis) : LedgerLossSpec(redis);
