using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Who may be sent to, and how often.</summary>
public abstract class ClaimSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claim_Pending_IsGrantedAndCounted()
    {
        await _scene.WithTargetsAsync("v1");

        (await _scene.ClaimAsync("v1", 10)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero));

        LedgerCounts counts = await _scene.CountsAsync();
        counts.ShouldBe(LedgerCounts.Zero with { Targeted = 1, InFlight = 1 });
        (await _scene.RecordsAsync())["v1"].ShouldBe(new DeliveryRecord("v1", DeliveryState.Sent, 1, 10));
    }

    [Fact]
    public async Task Claim_InADryRun_IsCountedOnce_UsesUpTheCap_AndNothingIsGranted()
    {
        ClaimRules dryRun = LedgerScene.Patient with { DryRun = true };
        await _scene.CreatedAsync(cap: 32);
        string[] vids = [.. RegistrySpec.VidsOfShard(3, 3)];
        await _scene.TargetAsync(vids[0], away: true);
        await _scene.TargetAsync(vids[1]);
        await _scene.TargetAsync(vids[2]);

        (await _scene.ClaimAsync(vids[0], 10, rules: dryRun)).ShouldBe(new ClaimResult(ClaimOutcome.Rehearsed, 0, TimeSpan.Zero));
        (await _scene.ClaimAsync(vids[0], 10, rules: dryRun)).Outcome.ShouldBe(ClaimOutcome.Settled, "its answer was lost");
        (await _scene.ClaimAsync(vids[1], 11, rules: dryRun)).ShouldBe(new ClaimResult(ClaimOutcome.Rehearsed, 0, TimeSpan.Zero));
        (await _scene.ClaimAsync(vids[2], 12, rules: dryRun)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted);

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 3, Pending = 1, Suppressed = 2, Rehearsed = 2 });
        (await _scene.RecordsAsync())[vids[0]].ShouldBe(new DeliveryRecord(vids[0], DeliveryState.Suppressed, 0, 0), "no attempt was made");
        await _scene.SettleAsync(vids[0], AckStatus.Installed);
        (await _scene.StateAsync(vids[0])).ShouldBe(DeliveryState.Suppressed, "nobody was told");
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Claim_AnswerLost_SameAttemptAgainAndNothingMoves()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 10);
        (await _scene.ClaimAsync("v1", 10, last: 0)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero));
        (await _scene.CountsAsync()).Resends.ShouldBe(0);
    }

    [Fact]
    public async Task Claim_BeforeTheDeadline_TellsWhen()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 10);
        ClaimResult early = await _scene.ClaimAsync("v1", 10, last: 1);
        early.Outcome.ShouldBe(ClaimOutcome.NotYet);
        early.RetryAfter.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Claim_DeadlinesPassWhileConnected_AttemptsAreUsedUp()
    {
        await _scene.WithTargetsAsync("v1");
        (await _scene.ClaimAsync("v1", 10, 0, LedgerScene.Hasty)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero));
        (await _scene.ClaimAsync("v1", 10, 1, LedgerScene.Hasty)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 2, TimeSpan.Zero));
        (await _scene.ClaimAsync("v1", 10, 2, LedgerScene.Hasty)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 3, TimeSpan.Zero));
        (await _scene.ClaimAsync("v1", 10, 3, LedgerScene.Hasty)).Outcome.ShouldBe(ClaimOutcome.Exhausted);
        (await _scene.ClaimAsync("v1", 10, 3, LedgerScene.Hasty)).Outcome.ShouldBe(ClaimOutcome.Exhausted, "a repeat is told the same");

        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, Failed = 1, NoAck = 1, Resends = 2 });
        (await _scene.FailuresAsync(Shards.Of("v1"))).ShouldBe([("v1", "failed", "NoAck")]);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Claim_DeadlinePassedWhileTheGateWasClosed_DoesNotCount()
    {
        await _scene.WithTargetsAsync("v1");
        for (int attempt = 0; attempt < 10; attempt++)
        {
            (await _scene.ClaimAsync("v1", 10, attempt, LedgerScene.Hasty, uncounted: true)).Outcome.ShouldBe(ClaimOutcome.Granted);
        }
    }

    [Fact]
    public async Task Claim_AfterCuts_BacksOffFromOneSecondDoublingToTheAckTimeout()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 10);
        long session = 10;
        foreach (int seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            session++;
            // Granted in the future, so that no delay of this test lets the wait pass unseen.
            long before = await _scene.NowAsync();
            long grantedAt = before + 600_000;
            await _scene.SetMomentAsync("v1", grantedAt);
            ClaimResult early = await _scene.ClaimAsync("v1", session);
            early.Outcome.ShouldBe(ClaimOutcome.NotYet);
            long wait = (long)early.RetryAfter.TotalMilliseconds - grantedAt;
            (seconds * 1000L).ShouldBeInRange(wait + before, wait + await _scene.NowAsync());

            await _scene.SetMomentAsync("v1", before - (seconds * 1000));
            ClaimResult granted = await _scene.ClaimAsync("v1", session);
            (granted.Outcome, granted.Attempt).ShouldBe((ClaimOutcome.Granted, (int)session - 9));
        }

        (await _scene.CountsAsync()).Resends.ShouldBe(7);
    }

    [Fact]
    public async Task Claim_ByAReplacedConnection_IsRefused()
    {
        await _scene.WithTargetsAsync("v1");
        await _scene.ClaimAsync("v1", 20);
        (await _scene.ClaimAsync("v1", 10)).Outcome.ShouldBe(ClaimOutcome.NewerSession);
        (await _scene.ClaimAsync("v1", 10, 1, LedgerScene.Hasty)).Outcome.ShouldBe(ClaimOutcome.NewerSession);
    }

    [Fact]
    public async Task Claim_SettledOrUnknown_GrantsNothing()
    {
        await _scene.WithTargetsAsync("v1", "v2");
        await _scene.SettleAsync("v1", AckStatus.Received);
        await _scene.SettleAsync("v2", AckStatus.Received, LedgerScene.Installed);

        (await _scene.ClaimAsync("v1", 10)).Outcome.ShouldBe(ClaimOutcome.Settled);
        ClaimResult waiting = await _scene.ClaimAsync("v2", 10);
        waiting.Outcome.ShouldBe(ClaimOutcome.NotYet);
        waiting.RetryAfter.ShouldBeInRange(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(60));
        (await _scene.ClaimAsync("stranger", 10)).Outcome.ShouldBe(ClaimOutcome.NotTarget);
        (await _scene.CountsAsync()).Targeted.ShouldBe(2);
    }

    [Fact]
    public async Task Claim_Newcomer_IsTakenAlongAlsoAfterTheFreeze()
    {
        await _scene.CreatedAsync();
        await _scene.Ledger.MarkFrozenAsync(_scene.Campaign, LedgerScene.Id, Shards.Of("new"), Token);
        (await _scene.ClaimAsync("new", 10, takeAlong: true)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 1, InFlight = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task Claim_Batch_AnswersInOrder()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(3, 4)];
        await _scene.WithTargetsAsync(vids[0], vids[2]);
        ClaimReply reply = await _scene.Ledger.ClaimAsync(
            _scene.Campaign, LedgerScene.Id, 3, LedgerScene.Patient, [.. vids.Select(vid => new ClaimRequest(vid, 1, 0, TakeAlong: vid == vids[3]))], Token);
        reply.Results.Select(result => result.Outcome).ShouldBe(
            [ClaimOutcome.Granted, ClaimOutcome.NotTarget, ClaimOutcome.Granted, ClaimOutcome.Granted]);
    }

    [Fact]
    public async Task Look_EachStanding_ChangesNothing()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(4, 5)];
        await _scene.WithTargetsAsync(vids[..4]);
        await _scene.ClaimAsync(vids[1], 1);
        await _scene.SettleAsync(vids[2], AckStatus.Received, LedgerScene.Installed);
        await _scene.SettleAsync(vids[3], AckStatus.Rejected);

        LookReply reply = await _scene.Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, 4, vids, Token);

        reply.Standings.ShouldBe(
            [VehicleStanding.Open, VehicleStanding.Open, VehicleStanding.Received, VehicleStanding.Final, VehicleStanding.NotTarget]);
    }

    [Fact]
    public async Task Look_WhoWasAwayAtTheStart_IsToCatchUpUntilItIsSettled()
    {
        string vid = RegistrySpec.VidsOfShard(4, 1).Single();
        await _scene.CreatedAsync();
        await _scene.TargetAsync(vid, away: true);
        (await LookAsync()).ShouldBe(VehicleStanding.CatchUp);
        await _scene.ClaimAsync(vid, 1);
        (await LookAsync()).ShouldBe(VehicleStanding.CatchUp, "sent again, it takes the same share");
        await _scene.SettleAsync(vid, AckStatus.Received);
        (await LookAsync()).ShouldBe(VehicleStanding.Final);

        async Task<VehicleStanding> LookAsync() =>
            (await _scene.Ledger.LookAsync(_scene.Campaign, LedgerScene.Id, 4, [vid], Token)).Standings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Quota_SeveralClaimersAndMovesMeanwhile_CapIsExact()
    {
        const int Cap = 50;
        string[] vids = [.. Enumerable.Range(0, 200).Select(i => $"vin-{i}")];
        await _scene.CreatedAsync(Cap);
        await Task.WhenAll(vids.Select(vid => _scene.TargetAsync(vid)));
        int granted = 0;

        async Task ClaimAllAsync(IDeliveryLedger ledger, long session)
        {
            foreach (string vid in vids.OrderBy(vid => HashCode.Combine(vid, session)))
            {
                ClaimReply reply = await ledger.ClaimAsync(
                    _scene.Campaign, LedgerScene.Id, Shards.Of(vid), LedgerScene.Patient, [new ClaimRequest(vid, session, 0, false)], Token);
                if (reply.Results[0] is { Outcome: ClaimOutcome.Granted, Attempt: 1 })
                {
                    Interlocked.Increment(ref granted);
                }
            }
        }

        Task[] nodes = [.. new[] { redis.Store, redis.Second }.Select((store, i) => ClaimAllAsync(store.Ledger, 100 + i))];
        while (!Task.WhenAll(nodes).IsCompleted)
        {
            await MoveIdleQuotaAsync(Cap);
        }

        await Task.WhenAll(nodes);
        while (await MoveIdleQuotaAsync(Cap))
        {
            await ClaimAllAsync(redis.Store.Ledger, 300);
        }

        (await _scene.RecordsAsync()).Values.Count(record => record.Attempt > 0).ShouldBe(Cap);
        granted.ShouldBe(Cap);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task MaxInFlight_SeveralClaimersAndAcksMeanwhile_IsNeverExceeded_AndEverybodyIsTold()
    {
        ClaimRules few = LedgerScene.Patient with { MaxInFlight = 20 };
        string[] vids = [.. Enumerable.Range(0, 200).Select(i => $"vin-{i}")];
        await _scene.CreatedAsync();
        await Task.WhenAll(vids.Select(vid => _scene.TargetAsync(vid)));
        int inFlight = 0;
        int most = 0;

        async Task TellAllAsync(IDeliveryLedger ledger, string[] mine)
        {
            Queue<string> told = [];
            Queue<string> left = new(mine);
            while (left.TryDequeue(out string? vid) || told.Count > 0)
            {
                if (vid is null)
                {
                    await SettleFirstAsync(told);
                    continue;
                }

                ClaimReply reply = await ledger.ClaimAsync(_scene.Campaign, LedgerScene.Id, Shards.Of(vid), few, [new ClaimRequest(vid, 1, 0, false)], Token);
                if (reply.Results[0].Outcome == ClaimOutcome.Granted)
                {
                    told.Enqueue(vid);
                    int now = Interlocked.Increment(ref inFlight);
                    most = Math.Max(most, now);
                    continue;
                }

                reply.Results[0].Outcome.ShouldBe(ClaimOutcome.QuotaExhausted);
                left.Enqueue(vid);
                await SettleFirstAsync(told);
            }
        }

        async Task SettleFirstAsync(Queue<string> told)
        {
            if (told.TryDequeue(out string? first))
            {
                // Before the ledger knows: counted here are never more than there.
                Interlocked.Decrement(ref inFlight);
                await _scene.SettleAsync(first, AckStatus.Received);
            }
        }

        await Task.WhenAll(TellAllAsync(redis.Store.Ledger, vids[..100]), TellAllAsync(redis.Second.Ledger, vids[100..]));

        most.ShouldBeInRange(10, 20);
        (await _scene.CountsAsync()).Pending.ShouldBe(0);
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task MaxInFlight_ACarThatWentAwayWithoutAnAnswer_GivesItsPlaceFree_AndWaitsForOneWhenItIsBack()
    {
        ClaimRules one = LedgerScene.Patient with { MaxInFlight = 16 };
        string[] vids = [.. RegistrySpec.VidsOfShard(6, 2)];
        await _scene.WithTargetsAsync(vids);
        (await _scene.ClaimAsync(vids[0], 1, rules: one)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.ClaimAsync(vids[1], 1, rules: one)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted);

        await SweepUnansweredAsync(6);

        (await _scene.CountsAsync()).Unanswered.ShouldBe(1);
        (await _scene.ClaimAsync(vids[1], 1, rules: one)).Outcome.ShouldBe(ClaimOutcome.Granted);
        (await _scene.ClaimAsync(vids[0], 2, rules: one)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted, "the other has its place");
        await _scene.SettleAsync(vids[1], AckStatus.Received);
        await _scene.SettleAsync(vids[0], AckStatus.Received);
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Delivered = 2 });
        await _scene.ShouldBeCleanAsync();
    }

    [Fact]
    public async Task MaxInFlight_ANoticeThatWaitedToLeaveForLong_TakesItsPlaceWhenItDoes()
    {
        ClaimRules one = LedgerScene.Patient with { MaxInFlight = 16 };
        string[] vids = [.. RegistrySpec.VidsOfShard(6, 2)];
        await _scene.WithTargetsAsync(vids);
        (await _scene.ClaimAsync(vids[0], 1, rules: one)).Outcome.ShouldBe(ClaimOutcome.Granted);
        await SweepUnansweredAsync(6);

        (await _scene.ClaimAsync(vids[0], 1, last: 0, rules: one)).ShouldBe(new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero), "it never left");

        (await _scene.ClaimAsync(vids[1], 1, rules: one)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted, "now it leaves");
        (await _scene.CountsAsync()).ShouldBe(LedgerCounts.Zero with { Targeted = 2, Pending = 1, InFlight = 1 });
        await _scene.ShouldBeCleanAsync();
    }

    private async Task SweepUnansweredAsync(int shard)
    {
        while ((await _scene.Control.SweepTimeoutsAsync(_scene.Campaign, LedgerScene.Id, shard, 0, TimeSpan.FromMilliseconds(1), Token)).Changed == 0)
        {
            // A millisecond of Redis's clock may not have passed yet.
        }
    }

    private async Task<bool> MoveIdleQuotaAsync(long cap)
    {
        LedgerReading reading = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!;
        LedgerShard[] shards = [.. reading.Shards.Select(shard => shard!)];
        shards.Sum(shard => shard.Claimed).ShouldBeLessThanOrEqualTo(cap);
        LedgerShard? idle = Array.Find(shards, shard => shard.Quota > shard.Claimed && shard.Counts.Pending == 0)
            ?? Array.Find(shards, shard => shard.Quota > shard.Claimed);
        LedgerShard? starving = Array.Find(shards, shard => shard != idle && shard.Quota == shard.Claimed && shard.Counts.Pending > 0);
        return idle is not null && starving is not null
            && await _scene.Control.MoveQuotaAsync(_scene.Campaign, reading, cap, new QuotaMove([(idle.Shard, idle.Quota!.Value - 1)], [starving.Shard]), Token);
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class ClaimOnSingleRedis(SingleRedis redis) : ClaimSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class ClaimOnRedisCluster(ClusteredRedis redis) : ClaimSpec(redis);
