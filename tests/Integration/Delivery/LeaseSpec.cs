using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>When a lease is granted at all (G5).</summary>
public abstract class LeaseSpec(RedisFixture redis)
{
    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_GateClosedOpenClosed_FollowsAtOnce()
    {
        await _scene.CreatedAsync();
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
        await SetPaceAsync(LedgerScene.OpenPace());
        (await LeaseAsync(7)).ShouldBe(new Lease(LeaseOutcome.Granted, 7, TimeSpan.Zero));
        await SetPaceAsync(LedgerScene.OpenPace() with { Open = false });
        Lease closed = await LeaseAsync();
        (closed.Outcome, closed.Sends).ShouldBe((LeaseOutcome.GateClosed, 0));
    }

    [Fact]
    public async Task Lease_ToTellCarsToForget_IsForThatAlone_AndTheOtherWayRound()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace() with { Open = false, Cancels = true });
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
        (await CancelLeaseAsync()).Outcome.ShouldBe(LeaseOutcome.Granted);
        (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Pace.ShouldNotBeNull().Cancels.ShouldBeTrue();

        await SetPaceAsync(LedgerScene.OpenPace());
        (await CancelLeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
        await SetPaceAsync((LedgerScene.OpenPace() with { Cancels = true }).Shut);
        (await CancelLeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
    }

    [Fact]
    public async Task Lease_OfADryRun_IsForDryRunsAlone_AndTheOtherWayRound()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace());
        (await LeaseAsync(dryRun: true)).Outcome.ShouldBe(LeaseOutcome.GateClosed);

        await SetPaceAsync(LedgerScene.OpenPace() with { DryRun = true });
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed, "nothing may be sent");
        (await LeaseAsync(dryRun: true)).Outcome.ShouldBe(LeaseOutcome.Granted);
        Pace stands = (await _scene.Control.ReadAsync(_scene.Campaign, Token))!.Pace!;
        (stands.Open, stands.DryRun).ShouldBe((true, true));
        ((string?)await _scene.Raw.HashGetAsync(PushKeys.Pace(_scene.Campaign), "open")).ShouldBe("2", "which a node of a version without dry runs takes for closed");

        await SetPaceAsync(LedgerScene.OpenPace() with { DryRun = true, Open = false });
        (await LeaseAsync(dryRun: true)).Outcome.ShouldBe(LeaseOutcome.GateClosed);
    }

    [Fact]
    public async Task Lease_AtOrAfterNotAfter_IsClosed()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace() with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(-1) });
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed);
    }

    [Fact]
    public async Task Lease_Supervised_NeedsSupervisionAhead()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace() with { Supervised = true });
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed, "nobody has said yet that he watches");

        await SuperviseAsync(TimeSpan.FromMinutes(1));
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.Granted);
        await SuperviseAsync(TimeSpan.FromSeconds(-60));
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.Granted, "never back");

        await _scene.Raw.HashSetAsync(PushKeys.Pace(_scene.Campaign), "supervisedUntil", await _scene.NowAsync());
        (await LeaseAsync()).Outcome.ShouldBe(LeaseOutcome.GateClosed, "the operator has gone");
    }

    [Fact]
    public async Task Lease_RateUsedUp_TellsWhenToAskAgain()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace(1));
        (await LeaseAsync(5)).Sends.ShouldBe(1);
        Lease next = await LeaseAsync(5);
        next.Outcome.ShouldBe(LeaseOutcome.RateExhausted);
        next.RetryAfter.ShouldBeInRange(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1500));
    }

    [Fact]
    public async Task Lease_PausedAndResumed_DoesNotFillTheBucketAgain()
    {
        await _scene.CreatedAsync();
        await SetPaceAsync(LedgerScene.OpenPace(4));
        await LeaseAsync(100);
        await LeaseAsync(100);
        RedisValue left = await _scene.Raw.HashGetAsync(PushKeys.Pace(_scene.Campaign), "tokens");
        await SetPaceAsync(LedgerScene.OpenPace(4) with { Open = false });
        await SetPaceAsync(LedgerScene.OpenPace(4));
        (await _scene.Raw.HashGetAsync(PushKeys.Pace(_scene.Campaign), "tokens")).ShouldBe(left);
    }

    private Task<Lease> CancelLeaseAsync() => _scene.Ledger.LeaseCancelsAsync(_scene.Campaign, LedgerScene.Id, 1, Token);

    private Task<Lease> LeaseAsync(int wanted = 1, bool dryRun = false) => _scene.Ledger.LeaseAsync(_scene.Campaign, LedgerScene.Id, new LeaseRequest(wanted, DryRun: dryRun), Token);

    private async Task SetPaceAsync(Pace pace) =>
        (await _scene.Control.SetPaceAsync(_scene.Campaign, LedgerScene.Id, pace, Token)).ShouldBeTrue();

    private async Task SuperviseAsync(TimeSpan ahead) =>
        (await _scene.Control.SuperviseAsync(_scene.Campaign, LedgerScene.Id, ahead, Token)).ShouldBeTrue();
}

[Collection(SingleRedisGroup.Name)]
public sealed class LeaseOnSingleRedis(SingleRedis redis) : LeaseSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LeaseOnRedisCluster(ClusteredRedis redis) : LeaseSpec(redis);
