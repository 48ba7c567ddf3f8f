using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>What acks do to records and counters.</summary>
public abstract class SettleSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AckStatus.Received, DeliveryState.Delivered)]
    [InlineData(AckStatus.Installed, DeliveryState.Delivered)]
    [InlineData(AckStatus.Rejected, DeliveryState.Rejected)]
    [InlineData(AckStatus.Failed, DeliveryState.Failed)]
    public async Task Settle_SentTwice_CountsOnce(AckStatus status, DeliveryState expected)
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 1);
        await _scene.SettleAsync("v1", status, code: "E42");
        await _scene.SettleAsync("v1", status, code: "E42");

        (await _scene.StateAsync("v1")).ShouldBe(expected);
        LedgerCounts counts = await _scene.CountsAsync();
        (counts.InFlight, counts.Delivered + counts.Rejected + counts.Failed).ShouldBe((0, 1));
        int failures = expected == DeliveryState.Delivered ? 0 : 1;
        (await _scene.FailuresAsync(Shards.Of("v1"))).Count(failure => failure is { Vid: "v1", Code: "E42" }).ShouldBe(failures);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_PendingOrSent_Settles()
    {
        await _scene.WithTargetsAsync("pending", "sent");
        await _scene.ClaimAsync("sent", 20);
        await _scene.SettleAsync("pending", AckStatus.Received);
        await _scene.SettleAsync("sent", AckStatus.Received);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Delivered = 2 });
    }

    [Fact]
    public async Task Settle_AfterASecondAttempt_RemembersBoth()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 10, 0, LedgerScene.Hasty);
        await _scene.ClaimAsync("v1", 10, 1, LedgerScene.Hasty);
        await _scene.SettleAsync("v1", AckStatus.Received);

        (await _scene.RecordsAsync())["v1"].Attempt.ShouldBe(2);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, Delivered = 1, Resends = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_OneDeviceOfAVid_SettlesItsRecordAndNoOther()
    {
        await _scene.WithTargetsAsync("v1/left", "v1/right");
        (await _scene.ClaimAsync("v1/left", 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.ClaimAsync("v1/right", 2)).Outcome.ShouldBe(ClaimOutcome.Granted);

        await _scene.SettleAsync("v1/left", AckStatus.Received);
        await _scene.SettleAsync("v1", AckStatus.Received);

        (await _scene.StateAsync("v1/left")).ShouldBe(DeliveryState.Delivered);
        (await _scene.StateAsync("v1/right")).ShouldBe(DeliveryState.Sent);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, InFlight = 1, Delivered = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_NoTarget_CreatesNothing()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.SettleAsync("stranger", AckStatus.Received);
        (await _scene.RecordsAsync()).Keys.ShouldBe(["v1"]);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_LateAckAfterNoAckOrExpired_MovesToDelivered()
    {
        await _scene.WithTargetsAsync("silent", "absent");
        ClaimRules once = new(AckTimeoutSeconds: 0, MaxAttempts: 1);
        await _scene.ClaimAsync("silent", 1, 0, once);
        (await _scene.ClaimAsync("silent", 1, 1, once)).Outcome.ShouldBe(ClaimOutcome.Exhausted);
        await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, Shards.Of("absent"), EndOpen.PendingExpired, Token);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Failed = 1, NoAck = 1, Expired = 1 });

        await _scene.SettleAsync("silent", AckStatus.Received);
        await _scene.SettleAsync("absent", AckStatus.Received);

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Delivered = 2 });
        (await _scene.ClaimAsync("silent", 2)).Outcome.ShouldBe(ClaimOutcome.Settled);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_VehiclesOwnFailureOrRefusal_IsFinal()
    {
        await _scene.WithTargetsAsync("failed", "rejected");
        await _scene.SettleAsync("failed", AckStatus.Failed);
        await _scene.SettleAsync("rejected", AckStatus.Rejected);
        await _scene.SettleAsync("failed", AckStatus.Installed);
        await _scene.SettleAsync("rejected", AckStatus.Received);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Failed = 1, Rejected = 1 });
        (await _scene.ClaimAsync("failed", 5)).Outcome.ShouldBe(ClaimOutcome.Settled);
    }

    [Fact]
    public async Task Settle_LevelReceivedThenMore_IsCountedOnceAndStaysDelivered()
    {
        await _scene.WithTargetsAsync("v1", "v2");
        foreach (AckStatus status in new[] { AckStatus.Received, AckStatus.Installed, AckStatus.Installed })
        {
            await _scene.SettleAsync("v1", status);
        }

        foreach (AckStatus status in new[] { AckStatus.Received, AckStatus.Failed, AckStatus.Failed })
        {
            await _scene.SettleAsync("v2", status, code: "flash");
        }

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Delivered = 2, Installed = 1, FailedLater = 1 });
        (await _scene.FailuresAsync(Shards.Of("v2"))).ShouldBe([("v2", "failedLater", "flash")]);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_LevelInstalled_ReceivedStopsTheTimerAndWaits()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 1, 0, LedgerScene.Hasty);
        await _scene.SettleAsync("v1", AckStatus.Received, LedgerScene.Installed);

        (await _scene.StateAsync("v1")).ShouldBe(DeliveryState.Received);
        (await _scene.CountsAsync()).InFlight.ShouldBe(1);
        (await _scene.ClaimAsync("v1", 1, 1, LedgerScene.Hasty)).Outcome.ShouldBe(ClaimOutcome.NotYet);

        await _scene.SettleAsync("v1", AckStatus.Installed, LedgerScene.Installed);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, Delivered = 1, Installed = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task SweepInstallTimeouts_WaitedTooLong_FailsForGood()
    {
        await _scene.WithTargetsAsync("v1", "v2");
        await _scene.SettleAsync("v1", AckStatus.Received, LedgerScene.Installed);
        await _scene.SettleAsync("v2", AckStatus.Received, LedgerScene.Installed);
        await _scene.SetMomentAsync("v1", await _scene.NowAsync());

        foreach (int shard in Enumerable.Range(0, Shards.Count))
        {
            (await _scene.Control.SweepTimeoutsAsync(_scene.Campaign, LedgerScene.Id, shard, 0, null, Token)).More.ShouldBeFalse();
        }

        (await _scene.StateAsync("v1")).ShouldBe(DeliveryState.Failed);
        (await _scene.StateAsync("v2")).ShouldBe(DeliveryState.Received);
        (await _scene.FailuresAsync(Shards.Of("v1"))).ShouldBe([("v1", "failed", "NotInstalled")]);
        await _scene.SettleAsync("v1", AckStatus.Installed, LedgerScene.Installed);
        (await _scene.StateAsync("v1")).ShouldBe(DeliveryState.Failed);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Settle_VehicleThatWasAwayAtTheStart_CountsAsCaughtUp()
    {
        await _scene.WithTargetsAsync("home");
        await _scene.TargetAsync("away", away: true);
        await _scene.TargetAsync("away", away: false);
        foreach (string vid in new[] { "home", "away" })
        {
            await _scene.ClaimAsync(vid, 1);
            await _scene.SettleAsync(vid, AckStatus.Received);
        }

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Delivered = 2, CaughtUp = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Failures_Stream_IsCapped()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(7, 3000)];
        await _scene.CreatedAsync();
        foreach (string[] batch in vids.Chunk(256))
        {
            await _scene.Ledger.TargetAsync(_scene.Campaign, LedgerScene.Id, 7, [.. batch.Select(vid => new Target(vid, false))], Token);
            await _scene.Ledger.SettleAsync(
                _scene.Campaign, LedgerScene.Id, 7, LedgerScene.Received, [.. batch.Select(vid => new Settlement(vid, AckStatus.Failed, "x"))], Token);
        }

        (await _scene.CountsAsync()).Failed.ShouldBe(3000);
        (await _scene.FailuresAsync(7)).Count.ShouldBeInRange(1000, 1200);
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class SettleOnSingleRedis(SingleRedis redis) : SettleSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class SettleOnRedisCluster(ClusteredRedis redis) : SettleSpec(redis);
