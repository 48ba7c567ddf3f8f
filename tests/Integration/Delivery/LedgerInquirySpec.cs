using PushPlatform.Delivery.Ledger;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>What people are told of each vehicle is what stands in its record.</summary>
public abstract class LedgerInquirySpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private ILedgerInquiry Inquiry => redis.Store.Inquiry;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scan_EachVehicle_OnceWithItsFate()
    {
        string[] vids = [.. Enumerable.Range(0, 100).Select(number => $"v{number}")];
        await _scene.WithTargetsAsync(vids);
        await _scene.TargetAsync("away", away: true);
        await _scene.ClaimAsync("v1", 1);
        await _scene.ClaimAsync("v2", 1);
        await _scene.SettleAsync("v2", AckStatus.Rejected, code: "E42");
        await _scene.ClaimAsync("v3", 1);
        await _scene.SettleAsync("v3", AckStatus.Installed);
        await _scene.ClaimAsync("v4", 1);
        await _scene.SettleAsync("v4", AckStatus.Received);
        await _scene.SettleAsync("v4", AckStatus.Failed, code: "E7");

        Dictionary<string, DeliveryFate> fates = await FatesAsync();

        fates.Keys.ShouldBe([.. vids, "away"], ignoreOrder: true);
        (fates["v0"].State, fates["v0"].Attempts, fates["v0"].Away, fates["v0"].Failure).ShouldBe((DeliveryState.Pending, 0, false, null));
        fates["away"].Away.ShouldBeTrue();
        (fates["v1"].State, fates["v1"].Attempts).ShouldBe((DeliveryState.Sent, 1));
        (fates["v2"].State, fates["v2"].Failure?.Outcome, fates["v2"].Failure?.Code).ShouldBe((DeliveryState.Rejected, "rejected", "E42"));
        (fates["v3"].State, fates["v3"].Installed).ShouldBe((DeliveryState.Delivered, true));
        (fates["v4"].State, fates["v4"].FailedLater, fates["v4"].Failure?.Code).ShouldBe((DeliveryState.Delivered, true, "E7"));
    }

    [Fact]
    public async Task Scan_FailedForWantOfAnAckAndDeliveredAfterAll_KeepsNoFailure()
    {
        await _scene.WithTargetsAsync("v1");
        ClaimRules one = new(AckTimeoutSeconds: 0, MaxAttempts: 1);
        int attempt = (await _scene.ClaimAsync("v1", 1, rules: one)).Attempt;
        await _scene.ClaimAsync("v1", 1, last: attempt, rules: one);
        (await FatesAsync())["v1"].Failure?.Code.ShouldBe("NoAck");

        await _scene.SettleAsync("v1", AckStatus.Received);

        (await FatesAsync())["v1"].Failure.ShouldBeNull();
        (await Inquiry.FailuresAsync(_scene.Campaign, Token)).Select(note => (note.Unit, note.Code)).ShouldBe([("v1", "NoAck")]);
    }

    [Fact]
    public async Task Find_AVid_ItsRecordsAndNobodyElses()
    {
        await _scene.WithTargetsAsync("v1", "v2", "car/main", "car/radio");

        (await Inquiry.FindAsync(_scene.Campaign, "v1", Token)).Select(fate => fate.Unit).ShouldBe(["v1"]);
        (await Inquiry.FindAsync(_scene.Campaign, "car", Token)).Select(fate => fate.Unit).ShouldBe(["car/main", "car/radio"], ignoreOrder: true);
        (await Inquiry.FindAsync(_scene.Campaign, "nobody", Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ask_WithoutALedger_IsAnsweredWithNothing()
    {
        (await FatesAsync()).ShouldBeEmpty();
        (await Inquiry.FindAsync(_scene.Campaign, "v1", Token)).ShouldBeEmpty();
        (await Inquiry.FailuresAsync(_scene.Campaign, Token)).ShouldBeEmpty();
    }

    private async Task<Dictionary<string, DeliveryFate>> FatesAsync()
    {
        Dictionary<string, DeliveryFate> fates = [];
        await foreach (DeliveryFate fate in Inquiry.ScanAsync(_scene.Campaign, Token))
        {
            fates.Add(fate.Unit, fate);
        }
        return fates;
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class LedgerInquiryOnSingleRedis(SingleRedis redis) : LedgerInquirySpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LedgerInquiryOnRedisCluster(ClusteredRedis redis) : LedgerInquirySpec(redis);
