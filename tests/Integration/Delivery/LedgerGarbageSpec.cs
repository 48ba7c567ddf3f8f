using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Somebody wrote into a ledger: one record heals by the vehicle's own answer, a header or a pace that is none is a loss (G9).</summary>
public abstract class LedgerGarbageSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IDeliveryLedger Ledger => _scene.Ledger;

    public static TheoryData<string> Records => new("", "?", "z", "z,1,0,0,5,6", "s,x", "s,1,0,0,five,6", "s,1,0,0,5,6,7,8", "p d", "{}", "\0\u0001");

    [Theory]
    [MemberData(nameof(Records))]
    public async Task Record_ThatIsNone_IsToldAgain_AndTheCountersEqualAScan(string garbage)
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(4, 3)];
        await _scene.WithTargetsAsync(vids);
        await _scene.ClaimAsync(vids[0], 1);
        await _scene.SettleAsync(vids[0], AckStatus.Received);
        await _scene.ClaimAsync(vids[1], 1);
        await DamageAsync(vids[0], garbage);

        (await LookAsync(4, vids)).ShouldBe([VehicleStanding.Open, VehicleStanding.Open, VehicleStanding.Open]);
        await _scene.ShouldBeCleanAsync();
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 3, Pending = 2, InFlight = 1 });
        (await _scene.FailuresAsync(4)).ShouldBe([(vids[0], "unreadable", "")]);

        (await _scene.ClaimAsync(vids[0], 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
        await _scene.SettleAsync(vids[0], AckStatus.Received);
        (await _scene.CountsAsync()).Delivered.ShouldBe(1);
        await _scene.ShouldBeCleanAsync();
    }

    [Theory]
    [MemberData(nameof(Records))]
    public async Task Record_ThatIsNone_HoldsUpNoClaimSettleSweepOrEnd(string garbage)
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(4, 4)];
        await _scene.WithTargetsAsync(vids);
        foreach (string vid in vids)
        {
            (await _scene.ClaimAsync(vid, 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
        }

        await DamageAsync(vids[0], garbage);
        (await _scene.ClaimAsync(vids[0], 2)).Outcome.ShouldBe(ClaimOutcome.Granted);
        await _scene.ShouldBeCleanAsync();

        await DamageAsync(vids[1], garbage);
        await _scene.SettleAsync(vids[1], AckStatus.Received);
        (await _scene.StateAsync(vids[1])).ShouldBe(DeliveryState.Delivered);
        await _scene.ShouldBeCleanAsync();

        await DamageAsync(vids[2], garbage);
        (await _scene.Control.SweepTimeoutsAsync(_scene.Campaign, LedgerScene.Id, 4, 0, null, Token)).ShouldBe(new EndReply(false, 0, More: false, 0));
        await _scene.ShouldBeCleanAsync();

        await DamageAsync(vids[3], garbage);
        EndReply end;
        int calls = 0;
        do
        {
            end = await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, 4, EndOpen.AllExpired, Token);
            end.LedgerLost.ShouldBeFalse();
            calls++.ShouldBeLessThan(20, "an end comes to an end");
        }
        while (end.More);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 4, Delivered = 1, Expired = 3 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Record_ThatIsNone_IsScannedPast()
    {
        await _scene.WithTargetsAsync("v1");
        await DamageAsync("v1", "?");

        (await _scene.RecordsAsync()).ShouldBeEmpty();
        (await _scene.Control.AuditAsync(_scene.Campaign, Token)).Clean.ShouldBeFalse();
    }

    [Theory]
    [InlineData("buckets", "many")]
    [InlineData("buckets", null)]
    [InlineData("claimed", "")]
    public async Task Header_ThatIsNone_IsALostShard(string field, string? value)
    {
        await _scene.WithTargetsAsync(RegistrySpec.VidsOfShard(9, 1).Single());
        RedisKey header = PushKeys.Header(_scene.Campaign, 9);
        await (value is null ? Raw.HashDeleteAsync(header, field) : Raw.HashSetAsync(header, field, value));

        await ShouldBeLostAsync(9);
    }

    [Theory]
    [InlineData("pending", "x")]
    [InlineData("delivered", null)]
    public async Task Header_WhoseCountersAreNone_IsALostShardToTheOperator(string field, string? value)
    {
        await _scene.WithTargetsAsync("v1");
        RedisKey header = PushKeys.Header(_scene.Campaign, 2);
        await (value is null ? Raw.HashDeleteAsync(header, field) : Raw.HashSetAsync(header, field, value));

        LedgerReading reading = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.Whole, reading.Shards[2]).ShouldBe((false, null));
    }

    [Fact]
    public async Task Keys_OfAnotherType_AreALoss()
    {
        string vid = RegistrySpec.VidsOfShard(9, 1).Single();
        string other = RegistrySpec.VidsOfShard(3, 1).Single();
        await _scene.WithTargetsAsync(vid, other);
        await ReplaceAsync(PushKeys.Header(_scene.Campaign, 9));
        await ShouldBeLostAsync(9);
        (await _scene.ClaimAsync(other, 1)).Outcome.ShouldBe(ClaimOutcome.Granted);

        await ReplaceAsync(PushKeys.Bucket(_scene.Campaign, 3, 0));
        (await Ledger.ClaimAsync(_scene.Campaign, LedgerScene.Id, 3, LedgerScene.Patient, [new ClaimRequest(other, 1, 0, true)], Token)).LedgerLost.ShouldBeTrue();
        (await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, 3, EndOpen.AllExpired, Token)).LedgerLost.ShouldBeTrue();
    }

    [Theory]
    [InlineData("notAfter", "tomorrow")]
    [InlineData("supervisedUntil", "")]
    [InlineData("rate", "fast")]
    public async Task Pace_ThatIsNone_GivesNoLease(string field, string value)
    {
        await _scene.CreatedAsync();
        await _scene.Control.SetPaceAsync(_scene.Campaign, LedgerScene.Id, LedgerScene.OpenPace(5), Token);
        await Raw.HashSetAsync(PushKeys.Pace(_scene.Campaign), field, value);

        (await Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(1), Token)).Outcome.ShouldBe(LeaseOutcome.LedgerLost);
        LedgerReading reading = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        reading.Whole.ShouldBe(field == "supervisedUntil", "the operator renews that one");
    }

    [Theory]
    [InlineData("tokens", "x")]
    [InlineData("refilledAt", "x")]
    [InlineData("asker:odd", "x")]
    public async Task Pace_WhoseBucketIsNone_StartsAFullOne(string field, string value)
    {
        await _scene.CreatedAsync();
        await _scene.Control.SetPaceAsync(_scene.Campaign, LedgerScene.Id, LedgerScene.OpenPace(5), Token);
        await Raw.HashSetAsync(PushKeys.Pace(_scene.Campaign), field, value);
        (await Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(1), Token)).ShouldBe(new Lease(LeaseOutcome.Granted, 1, TimeSpan.Zero));
    }

    [Fact]
    public async Task Pace_OfAnotherType_IsALoss()
    {
        await _scene.CreatedAsync();
        await ReplaceAsync(PushKeys.Pace(_scene.Campaign));

        (await Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(1), Token)).Outcome.ShouldBe(LeaseOutcome.LedgerLost);
        LedgerReading reading = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.Whole, reading.Pace, reading.LedgerId).ShouldBe((false, null, LedgerScene.Id));
    }

    private IDatabase Raw => _scene.Raw;

    private Task DamageAsync(string vid, string text) => Raw.HashSetAsync(PushKeys.Bucket(_scene.Campaign, Shards.Of(vid), 0), vid, text);

    private async Task ReplaceAsync(RedisKey key)
    {
        await Raw.KeyDeleteAsync(key);
        await Raw.StringSetAsync(key, "nonsense");
    }

    private async Task<IReadOnlyList<VehicleStanding>> LookAsync(int shard, string[] vids) =>
        (await Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, shard, vids, Token)).Standings;

    private async Task ShouldBeLostAsync(int shard)
    {
        string vid = RegistrySpec.VidsOfShard(shard, 1).Single();
        (await Ledger.ClaimAsync(_scene.Campaign, LedgerScene.Id, shard, LedgerScene.Patient, [new ClaimRequest(vid, 1, 0, true)], Token)).LedgerLost.ShouldBeTrue();
        (await Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, shard, [vid], Token)).LedgerLost.ShouldBeTrue();
        (await Ledger.SettleAsync(_scene.Campaign, LedgerScene.Id, shard, LedgerScene.Received, [new Settlement(vid, AckStatus.Received, null)], Token))
            .ShouldBe(LedgerReply.LedgerLost);
        (await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, shard, EndOpen.AllExpired, Token)).LedgerLost.ShouldBeTrue();
        LedgerReading reading = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        (reading.Whole, reading.Shards[shard]).ShouldBe((false, null));
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class LedgerGarbageOnSingleRedis(SingleRedis redis) : LedgerGarbageSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LedgerGarbageOnRedisCluster(ClusteredRedis redis) : LedgerGarbageSpec(redis);
