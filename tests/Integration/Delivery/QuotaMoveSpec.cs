using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Shares of a cap that move between shards (G4).</summary>
public abstract class QuotaMoveSpec(RedisFixture redis)
{
    private const int Cap = 48;

    private readonly LedgerScene _scene = new(redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ILedgerControl Control => _scene.Control;

    [Fact]
    public async Task Move_WhatIsLowered_GoesToThoseThatAreRaised()
    {
        await _scene.CreatedAsync(Cap);

        (await MoveAsync(await ReadAsync(), lower: [(3, 1), (4, 0)], raise: [9, 12])).ShouldBeTrue();

        (await QuotasAsync()).ShouldBe([3, 3, 3, 1, 0, 3, 3, 3, 3, 6, 3, 3, 5, 3, 3, 3]);
    }

    [Fact]
    public async Task Move_BelowWhatIsClaimed_StaysAtClaimed()
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(3, 3)];
        await _scene.CreatedAsync(Cap);
        await Task.WhenAll(vids.Select(vid => _scene.TargetAsync(vid)));
        await _scene.ClaimAsync(vids[0], 1);
        await _scene.ClaimAsync(vids[1], 1);

        await MoveAsync(await ReadAsync(), lower: [(3, 1)], raise: [9]);
        (await QuotasAsync())[3].ShouldBe(2);
        (await QuotasAsync())[9].ShouldBe(4);
        (await _scene.ClaimAsync(vids[2], 1)).Outcome.ShouldBe(ClaimOutcome.QuotaExhausted);
        (await _scene.ClaimAsync(vids[0], 2, rules: LedgerScene.Hasty)).Outcome.ShouldBe(ClaimOutcome.Granted, "a repeat uses no quota");

        await MoveAsync(await ReadAsync(), lower: [(9, 3)], raise: [3]);
        (await _scene.ClaimAsync(vids[2], 1)).Outcome.ShouldBe(ClaimOutcome.Granted);
    }

    [Fact]
    public async Task Move_TheOneBeforeBrokeOffInTheMiddle_WhatNoShardHasIsSharedOut()
    {
        await _scene.CreatedAsync(Cap);
        await MoveAsync(await ReadAsync(), lower: [(3, 0), (4, 0)], raise: []);
        (await QuotasAsync()).Sum().ShouldBe(Cap - 6);

        (await MoveAsync(await ReadAsync(), lower: [], raise: [9])).ShouldBeTrue();

        (await QuotasAsync())[9].ShouldBe(9);
        (await QuotasAsync()).Sum().ShouldBe(Cap);
    }

    [Fact]
    public async Task Move_PlannedBeforeAnotherMove_ChangesNothing()
    {
        await _scene.CreatedAsync(Cap);
        LedgerReading seen = await ReadAsync();
        (await MoveAsync(seen, lower: [(3, 0)], raise: [9])).ShouldBeTrue();
        IReadOnlyList<long> before = await QuotasAsync();

        (await MoveAsync(seen, lower: [(4, 0)], raise: [12])).ShouldBeFalse();

        (await QuotasAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Move_ItsMoverSleptAfterLoweringAndAnotherMovedMeanwhile_ItRaisesNothingAnyMore()
    {
        await _scene.CreatedAsync(Cap);
        LedgerReading seen = await ReadAsync();
        await MoveAsync(seen, lower: [(3, 0)], raise: []);
        await MoveAsync(await ReadAsync(), lower: [], raise: [9]);

        RedisResult late = await _scene.Raw.ScriptEvaluateAsync(
            RedisScript.LoadAfter("_shard", "quota").Text, PushKeys.Shard(_scene.Campaign, 12), [LedgerScene.Id, seen.Shards[12]!.Move + 1, 6, "raise"]);

        late.IsNull.ShouldBeTrue();
        (await QuotasAsync()).Sum().ShouldBe(Cap);
    }

    [Fact]
    public async Task Move_LedgerWithoutCapOrLost_IsRefused()
    {
        await _scene.CreatedAsync();
        (await MoveAsync(await ReadAsync(), lower: [], raise: [9])).ShouldBeFalse();
        LedgerReading other = await ReadAsync() with { LedgerId = "ledger-2", Shards = [.. (await ReadAsync()).Shards.Select(shard => shard! with { Quota = 3 })] };
        (await MoveAsync(other, lower: [(3, 0)], raise: [9])).ShouldBeFalse();
        (await ReadAsync()).Shards.ShouldAllBe(shard => shard!.Quota == null);
    }

    [Fact]
    public async Task Move_SeveralAtOnceAndBrokenOffAnywhere_NeverMoreThanTheCapIsClaimed_AndInTheEndAllOfIt()
    {
        string[] vids = [.. Enumerable.Range(0, 400).Select(i => $"vin-{i}")];
        await _scene.CreatedAsync(Cap);
        await Task.WhenAll(vids.Select(vid => _scene.TargetAsync(vid)));

        Task movers = Task.WhenAll(Enumerable.Range(0, 4).Select(mover => MoveAndDieAsync((mover % 2 == 0 ? redis.Store : redis.Second).Control)));
        while (!movers.IsCompleted)
        {
            await ClaimAsync(Random.Shared.GetItems(vids, 10));
        }

        await movers;
        (await ClaimedAsync()).ShouldBeLessThanOrEqualTo(Cap);

        for (int shard = 0; shard < 16; shard++)
        {
            (await MoveAsync(await ReadAsync(), lower: [.. Enumerable.Range(0, 16).Select(lower => (lower, 0L))], raise: [shard])).ShouldBeTrue();
            await ClaimAsync(vids);
        }

        (await ClaimedAsync()).ShouldBe(Cap);
        (await QuotasAsync()).Sum().ShouldBe(Cap);
    }

    [Fact]
    public async Task Raise_StepByStepByMoversThatDie_NeverMoreIsClaimedThanTheHighestCapSoFar_AndInTheEndAllOfIt()
    {
        string[] vids = [.. Enumerable.Range(0, 400).Select(i => $"vin-{i}")];
        await _scene.CreatedAsync(0);
        await Task.WhenAll(vids.Select(vid => _scene.TargetAsync(vid)));
        await ClaimAsync(vids);
        (await ClaimedAsync()).ShouldBe(0, "nothing is open yet");

        foreach (long cap in (long[])[4, 40, 1L << 40])
        {
            for (int i = 0; i < 12; i++)
            {
                using CancellationTokenSource death = CancellationTokenSource.CreateLinkedTokenSource(Token);
                death.CancelAfter(TimeSpan.FromMilliseconds(Random.Shared.Next(8)));
                try
                {
                    // One of the two has not heard of the step yet.
                    await Task.WhenAll(
                        redis.Store.Control.MoveQuotaAsync(_scene.Campaign, await ReadAsync(), cap, new QuotaMove([], [.. Enumerable.Range(0, 16)]), death.Token),
                        redis.Second.Control.MoveQuotaAsync(_scene.Campaign, await ReadAsync(), Math.Min(cap, 4), new QuotaMove([(3, 0)], [5]), death.Token));
                }
                catch (OperationCanceledException) when (death.IsCancellationRequested)
                {
                    // It died.
                }
                await ClaimAsync(Random.Shared.GetItems(vids, 10));
            }
            (await QuotasAsync()).Sum().ShouldBeLessThanOrEqualTo(cap);
            (await ClaimedAsync()).ShouldBeLessThanOrEqualTo(cap);
        }

        (await Control.MoveQuotaAsync(_scene.Campaign, await ReadAsync(), 1L << 40, new QuotaMove([], [.. Enumerable.Range(0, 16)]), Token)).ShouldBeTrue();
        await ClaimAsync(vids);
        (await ClaimedAsync()).ShouldBe(vids.Length, "once all is open, quotas hold nobody back");
    }

    private async Task ClaimAsync(IEnumerable<string> vids)
    {
        foreach (string vid in vids)
        {
            await _scene.ClaimAsync(vid, 1);
        }
    }

    private async Task MoveAndDieAsync(ILedgerControl control)
    {
        for (int i = 0; i < 60; i++)
        {
            using CancellationTokenSource death = CancellationTokenSource.CreateLinkedTokenSource(Token);
            death.CancelAfter(TimeSpan.FromMilliseconds(Random.Shared.Next(8)));
            int[] shards = Random.Shared.GetItems([.. Enumerable.Range(0, 16)], 4);
            QuotaMove move = new([.. shards[..2].Distinct().Select(shard => (shard, 0L))], [.. shards[2..].Distinct()]);
            try
            {
                await control.MoveQuotaAsync(_scene.Campaign, await ReadAsync(), Cap, move, death.Token);
            }
            catch (OperationCanceledException) when (death.IsCancellationRequested)
            {
                // It died.
            }
        }
    }

    private async Task<long> ClaimedAsync() => (await ReadAsync()).Shards.Sum(shard => shard!.Claimed);

    private async Task<LedgerReading> ReadAsync() => (await Control.ReadAsync(_scene.Campaign, Token))!;

    private async Task<IReadOnlyList<long>> QuotasAsync() => [.. (await ReadAsync()).Shards.Select(shard => shard!.Quota!.Value)];

    private Task<bool> MoveAsync(LedgerReading seen, (int Shard, long Quota)[] lower, int[] raise) =>
        Control.MoveQuotaAsync(_scene.Campaign, seen, Cap, new QuotaMove(lower, raise), Token);
}

[Collection(SingleRedisGroup.Name)]
public sealed class QuotaMoveOnSingleRedis(SingleRedis redis) : QuotaMoveSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class QuotaMoveOnRedisCluster(ClusteredRedis redis) : QuotaMoveSpec(redis);
