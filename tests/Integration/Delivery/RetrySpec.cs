using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Records that have failed are opened once more: which, how often, and what they say then.</summary>
public abstract class RetrySpec(RedisFixture redis)
{
    private const int Shard = 6;

    private static readonly ClaimRules SecondTry = LedgerScene.Patient with { Retry = 1 };

    private readonly LedgerScene _scene = new(redis);
    private readonly string[] _vids = [.. RegistrySpec.VidsOfShard(Shard, 6)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retry_WithoutCodes_PutsBackAllThatFailed_AndNobodyElse()
    {
        await FailedAsync();

        (await RetryAsync(1)).Changed.ShouldBe(3);
        await ShouldBeAsync(DeliveryState.Pending, DeliveryState.Pending, DeliveryState.Pending, DeliveryState.Rejected, DeliveryState.Delivered, DeliveryState.Pending);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 6, Pending = 4, PutBack = 3, Rejected = 1, Delivered = 1, Resends = 1 });
        LedgerShard shard = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Shards[Shard]!;
        (shard.Retry, shard.RetryDone, shard.Retried).ShouldBe((1, 1, 3));
        await _scene.ShouldBeCleanAsync();
    }

    [Theory]
    [InlineData("E_FLASH", 0)]
    [InlineData("E_DISK", 1)]
    [InlineData("NoAck", 2)]
    [InlineData("E_MODEL", 3)]
    public async Task Retry_ByCode_PutsBackThoseAlone_RejectedOnesToo(string code, int which)
    {
        await FailedAsync();

        (await RetryAsync(1, code, "E_OTHER")).Changed.ShouldBe(1);
        (await _scene.StateAsync(_vids[which])).ShouldBe(DeliveryState.Pending);
        (await _scene.CountsAsync()).Pending.ShouldBe(2);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Retry_TheSameRoundAgain_OrAnEarlierOne_DoesNothing_AndAHigherOneDoes()
    {
        await FailedAsync();
        await RetryAsync(2, "E_FLASH");

        (await RetryAsync(2)).ShouldBe(new EndReply(LedgerLost: false, 0, More: false, 0), "a round is carried out once");
        (await RetryAsync(1)).Changed.ShouldBe(0);
        (await RetryAsync(3)).Changed.ShouldBe(2);
    }

    [Fact]
    public async Task PutBack_IsToldAgain_WithoutAnotherShareOfTheCap_ByANoticeOfThisRoundOnly()
    {
        await FailedAsync(cap: 16 * 5);
        (await _scene.ClaimAsync(_vids[5], 20)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted, "five have had it");
        await RetryAsync(1);

        (await _scene.ClaimAsync(_vids[0], 20)).ShouldBe(new ClaimResult(ClaimOutcome.NotYet, 0, TimeSpan.FromSeconds(1)), "that notice would tell it nothing new");
        (await _scene.ClaimAsync(_vids[0], 20, rules: SecondTry)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 2, TimeSpan.Zero));
        (await _scene.ClaimAsync(_vids[5], 20, rules: SecondTry)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted);
        (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Shards[Shard]!.Claimed.ShouldBe(5);

        (await _scene.Control.EndAsync(_scene.Campaign, LedgerScene.Id, Shard, EndOpen.PendingSuppressed, Token)).ShouldBe(new EndReply(LedgerLost: false, 1, More: false, 0));
        (await _scene.StateAsync(_vids[1])).ShouldBe(DeliveryState.Pending, "the cap is no end for it");
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task PutBack_WhatItSaidBefore_DoesNotCountAgain()
    {
        await FailedAsync();
        await RetryAsync(1);

        await _scene.SettleAsync(_vids[0], AckStatus.Failed, code: "E_FLASH");
        await HelloNamesAsync(_vids[0]);
        (await _scene.StateAsync(_vids[0])).ShouldBe(DeliveryState.Pending, "it was not told yet");

        await _scene.ClaimAsync(_vids[0], 20, rules: SecondTry);
        await HelloNamesAsync(_vids[0]);
        (await _scene.StateAsync(_vids[0])).ShouldBe(DeliveryState.Sent, "a hello names what it had then");
        await _scene.SettleAsync(_vids[0], AckStatus.Failed, code: "E_FLASH");
        await _scene.SettleAsync(_vids[0], AckStatus.Installed);
        (await _scene.StateAsync(_vids[0])).ShouldBe(DeliveryState.Delivered, "the failure was of before, and came late");
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task PutBack_ALateAckOfAnEarlierAttempt_StillSettles()
    {
        await FailedAsync();
        await RetryAsync(1);

        await _scene.SettleAsync(_vids[2], AckStatus.Received);
        await _scene.SettleAsync(_vids[0], AckStatus.Installed);
        (await _scene.CountsAsync()).ShouldSatisfyAllConditions(counts => counts.Delivered.ShouldBe(3), counts => counts.Installed.ShouldBe(1), counts => counts.PutBack.ShouldBe(1));
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task FailsAgain_HasItsNewCode_AndFreshAttempts()
    {
        await FailedAsync();
        await RetryAsync(1, "NoAck");
        ClaimRules hasty = LedgerScene.Hasty with { Retry = 1, MaxAttempts = 2 };
        (await _scene.ClaimAsync(_vids[2], 30, 0, hasty)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.ClaimAsync(_vids[2], 30, 3, hasty)).Outcome.ShouldBe(ClaimOutcome.Granted, "the attempts of before do not count");
        await _scene.SettleAsync(_vids[2], AckStatus.Failed, code: "E_FLASH");

        (await RetryAsync(2, "NoAck")).Changed.ShouldBe(0);
        (await RetryAsync(3, "E_FLASH")).Changed.ShouldBe(2);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Retry_SomeBucketsACall_GoesOnWhereItStopped_AndMeetsEachOnce()
    {
        LedgerPlan large = LedgerScene.Plan() with { ExpectedTargets = 16 * 64 * 20 };
        await _scene.Control.CreateAsync(_scene.Campaign, large, Token);
        string[] many = [.. RegistrySpec.VidsOfShard(Shard, 200)];
        foreach (string vid in many)
        {
            await _scene.TargetAsync(vid);
            await _scene.SettleAsync(vid, AckStatus.Failed, code: "E");
        }

        List<EndReply> replies = [];
        do
        {
            replies.Add(await RetryAsync(1));
            // What fails meanwhile is of this round, or of none.
            await _scene.ClaimAsync(many[0], 5, rules: SecondTry);
            await _scene.SettleAsync(many[0], AckStatus.Failed, code: "E");
        }
        while (replies[^1].More);

        replies.Count.ShouldBe(3);
        replies.Sum(reply => reply.Changed).ShouldBe(200);
        (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Shards[Shard]!.Retried.ShouldBe(200);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Records_WithACode_AreReadByScriptsThatKeepNone_AndStayShort()
    {
        await FailedAsync();

        string record = (await _scene.Raw.HashGetAsync(PushKeys.Bucket(_scene.Campaign, Shard, 0), _vids[0]))!;
        record.ShouldMatch("^f,1,0,0,0,[0-9]+$", "all of it numbers in the places of numbers");
        record.Length.ShouldBeLessThanOrEqualTo(23);
        (await _scene.RecordsAsync())[_vids[0]].ShouldBe(new DeliveryRecord(_vids[0], DeliveryState.Failed, 1, 0));
    }

    [Fact]
    public async Task Retire_AndThenNotAfterAll_TheLedgerStays()
    {
        await FailedAsync();
        await _scene.Control.RetireAsync(_scene.Campaign, LedgerScene.Id, TimeSpan.FromDays(1), Token);
        await _scene.Control.RetireAsync(_scene.Campaign, LedgerScene.Id, null, Token);

        foreach (string key in (string[])[PushKeys.Pace(_scene.Campaign)!, PushKeys.Header(_scene.Campaign, Shard)!, PushKeys.Bucket(_scene.Campaign, Shard, 0)!, PushKeys.Failures(_scene.Campaign, Shard)!])
        {
            (await _scene.Raw.KeyTimeToLiveAsync(key)).ShouldBeNull(key);
        }
    }

    private Task<EndReply> RetryAsync(int round, params string[] codes) =>
        _scene.Control.RetryAsync(_scene.Campaign, LedgerScene.Id, Shard, round, codes.Length == 0 ? null : codes, Token);

    private async Task HelloNamesAsync(string vid) => await _scene.Ledger.SettleAsync(
        _scene.Campaign, LedgerScene.Id, Shard, LedgerScene.Received, [new Settlement(vid, AckStatus.Received, null, Seen: true)], Token);

    private async Task ShouldBeAsync(params DeliveryState[] states)
    {
        Dictionary<string, DeliveryRecord> records = await _scene.RecordsAsync();
        _vids.Select(vid => records[vid].State).ShouldBe(states);
    }

    /// <summary>Failed with two codes, silent (two attempts), rejected, delivered, and one that was not told.</summary>
    private async Task FailedAsync(long? cap = null)
    {
        await _scene.CreatedAsync(cap);
        foreach (string vid in _vids)
        {
            await _scene.TargetAsync(vid);
        }

        foreach (string vid in _vids[..5])
        {
            await _scene.ClaimAsync(vid, 10, rules: LedgerScene.Hasty);
        }

        await _scene.SettleAsync(_vids[0], AckStatus.Failed, code: "E_FLASH");
        await _scene.SettleAsync(_vids[1], AckStatus.Failed, code: "E_DISK");
        await _scene.ClaimAsync(_vids[2], 10, 1, LedgerScene.Hasty with { MaxAttempts = 2 });
        (await _scene.ClaimAsync(_vids[2], 10, 2, LedgerScene.Hasty with { MaxAttempts = 2 })).Outcome.ShouldBe(ClaimOutcome.Exhausted);
        await _scene.SettleAsync(_vids[3], AckStatus.Rejected, code: "E_MODEL");
        await _scene.SettleAsync(_vids[4], AckStatus.Received);
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class RetryOnSingleRedis(SingleRedis redis) : RetrySpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class RetryOnRedisCluster(ClusteredRedis redis) : RetrySpec(redis);
