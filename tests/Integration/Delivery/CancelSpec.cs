using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Who is to forget a cancelled delivery, and what their answers do to it.</summary>
public abstract class CancelSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mark_WhoWasToldAndHasNeitherInstalledNorRejectedIt_AndNobodyElse()
    {
        await _scene.WithTargetsAsync("delivered", "silent", "failed", "installed", "rejected", "away");
        foreach (string vid in (string[])["delivered", "silent", "failed", "installed", "rejected"])
        {
            (await _scene.ClaimAsync(vid, 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
        }
        await _scene.SettleAsync("delivered", AckStatus.Received);
        await _scene.SettleAsync("failed", AckStatus.Failed);
        await _scene.SettleAsync("installed", AckStatus.Installed);
        await _scene.SettleAsync("rejected", AckStatus.Rejected);
        await EndAndMarkAsync();
        await EndAndMarkAsync();

        (await StandingAsync("delivered", "silent", "failed")).ShouldAllBe(standing => standing == VehicleStanding.ToForget);
        (await StandingAsync("installed", "rejected", "away")).ShouldAllBe(standing => standing == VehicleStanding.Final);
        LedgerReading read = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        read.Shards.ShouldAllBe(shard => shard!.Marked);
        (read.Counts.Cancelling, read.Counts.Cancelled, read.Counts.Delivered, read.Counts.Expired).ShouldBe((3, 0, 2, 2));
        await _scene.ShouldBeCleanAsync();
    }

    [Theory]
    [InlineData(AckStatus.Cancelled, 0, 1, 0, DeliveryState.Delivered)]
    [InlineData(AckStatus.Received, 1, 0, 0, DeliveryState.Delivered)]
    [InlineData(AckStatus.Installed, 0, 0, 1, DeliveryState.Delivered)]
    [InlineData(AckStatus.Failed, 0, 0, 0, DeliveryState.Delivered)]
    [InlineData(AckStatus.Rejected, 0, 0, 0, DeliveryState.Delivered)]
    public async Task Answer_OfOneThatIsToForget_CountsOnce(AckStatus answer, int cancelling, int cancelled, int installed, DeliveryState state)
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 1);
        await _scene.SettleAsync("v1", AckStatus.Received);
        await EndAndMarkAsync();

        await _scene.SettleAsync("v1", answer);
        await _scene.SettleAsync("v1", answer);

        LedgerCounts counts = await _scene.CountsAsync();
        (counts.Cancelling, counts.Cancelled, counts.Installed).ShouldBe((cancelling, cancelled, installed));
        (await _scene.StateAsync("v1")).ShouldBe(state);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Answer_OfOneThatHadNotAnsweredTheNotice_IsNoProofThatItHadIt()
    {
        await _scene.WithTargetsAsync("v1", "v2");
        await _scene.ClaimAsync("v1", 1);
        await _scene.ClaimAsync("v2", 1);
        await EndAndMarkAsync();
        await _scene.SettleAsync("v1", AckStatus.Cancelled);
        await _scene.SettleAsync("v2", AckStatus.Installed);

        (await _scene.StateAsync("v1")).ShouldBe(DeliveryState.Expired);
        (await _scene.StateAsync("v2")).ShouldBe(DeliveryState.Delivered, "it was too late");
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Expired = 1, Delivered = 1, Installed = 1, Cancelled = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Installed_AfterItWasForgotten_IsTheTruth()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 1);
        await EndAndMarkAsync();
        await _scene.SettleAsync("v1", AckStatus.Cancelled);
        await _scene.SettleAsync("v1", AckStatus.Installed);

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, Delivered = 1, Installed = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Cancelled_WhereNobodyAskedThat_ChangesNothing()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 1);
        await _scene.SettleAsync("v1", AckStatus.Cancelled);

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, InFlight = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Fate_SaysWhoHasForgotten()
    {
        await _scene.WithTargetsAsync("v1", "v2", "v3");
        await _scene.ClaimAsync("v1", 1);
        await _scene.ClaimAsync("v2", 1);
        await EndAndMarkAsync();
        await _scene.SettleAsync("v1", AckStatus.Cancelled);

        foreach ((string vid, bool? cancelled) in new (string, bool?)[] { ("v1", true), ("v2", false), ("v3", null) })
        {
            (await redis.Store.Inquiry.FindAsync(_scene.Campaign, vid, Token)).ShouldHaveSingleItem().Cancelled.ShouldBe(cancelled, vid);
        }
    }

    private async Task EndAndMarkAsync()
    {
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            while ((await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, shard, EndOpen.AllExpired, Token)).More)
            {
            }
            while ((await _scene.Control.MarkCancelledAsync(_scene.Campaign, LedgerScene.Id, shard, Token)).More)
            {
            }
        }
    }

    private async Task<IReadOnlyList<VehicleStanding>> StandingAsync(params string[] vids)
    {
        List<VehicleStanding> standings = [];
        foreach (string vid in vids)
        {
            standings.AddRange((await _scene.Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, Shards.Of(vid), [vid], Token)).Standings);
        }
        return standings;
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class CancelOnSingleRedis(SingleRedis redis) : CancelSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class CancelOnRedisCluster(ClusteredRedis redis) : CancelSpec(redis);
