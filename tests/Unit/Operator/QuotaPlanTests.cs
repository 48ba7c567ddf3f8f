using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class QuotaPlanTests
{
    private static readonly Gen<LedgerShard[]> Ledgers = Gen.Choose(0, 20)
        .SelectMany(quota => Gen.Choose(0, 20).SelectMany(claimed => Gen.Choose(0, 5).Select(pending => (quota, claimed, pending))))
        .ArrayOf(16)
        .Select(rows => rows.Select((row, shard) => Shard(shard, Math.Max(row.quota, row.claimed), row.claimed, row.pending)).ToArray());

    [Fact]
    public void Next_AnyLedger_TheSumStays_AndNobodyGoesBelowWhatIsClaimed() => Prop.ForAll(Ledgers.ToArbitrary(), shards =>
    {
        long cap = Sum(shards);
        LedgerShard[] after = Move(shards, cap);

        after.Sum(shard => shard.Quota!.Value).ShouldBe(cap);
        after.ShouldAllBe(shard => shard.Quota >= shard.Claimed);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Next_TheLastUnitOfACap_VisitsEveryShardThatWaits()
    {
        LedgerShard[] shards = [.. Enumerable.Range(0, 16).Select(shard => Shard(shard, shard == 3 ? 1 : 0, 0, pending: 1))];
        HashSet<int> visited = [];
        for (int i = 0; i < 16; i++)
        {
            shards = Move(shards, cap: 1);
            visited.Add(Array.FindIndex(shards, shard => shard.Quota == 1));
        }

        visited.Count.ShouldBe(16);
    }

    [Fact]
    public void Next_AShardThatUsesItsShare_KeepsIt()
    {
        LedgerShard[] shards = [.. Enumerable.Range(0, 16).Select(shard => Shard(shard, shard == 3 ? 10 : 0, shard == 3 ? 5 : 0, pending: 5))];
        long[] before = [.. shards.Select(shard => shard.Claimed - (shard.Shard == 3 ? 1 : 0))];

        QuotaPlan.Next(shards, Sum(shards), before).ShouldBeNull();
    }

    [Fact]
    public void Next_NobodyWaits_NothingMoves() =>
        QuotaPlan.Next([.. Enumerable.Range(0, 16).Select(shard => Shard(shard, 5, 0, pending: 1))], 80, new long[16]).ShouldBeNull();

    [Fact]
    public void Next_AMoveBrokeOffInTheMiddle_WhatNoShardHasIsShared()
    {
        LedgerShard[] shards = [.. Enumerable.Range(0, 16).Select(shard => Shard(shard, 1, 1, pending: shard == 7 ? 4 : 0))];

        LedgerShard[] after = Move(shards, cap: 18);

        after[7].Quota.ShouldBe(3);
        Sum(after).ShouldBe(18);
    }

    [Fact]
    public void Next_AStepOpens_AllThatWaitGetTheirShareAtOnce()
    {
        LedgerShard[] shards = [.. Enumerable.Range(0, 16).Select(shard => Shard(shard, 1, shard < 8 ? 1 : 0, pending: shard == 9 ? 0 : 5))];

        QuotaMove move = QuotaPlan.Next(shards, cap: 76, claimedBefore: null).ShouldNotBeNull();

        move.Lower.ShouldBeEmpty();
        move.Share(60).Select(share => share.More).ShouldBe(Enumerable.Repeat(4L, 15));
        move.Raise.ShouldNotContain(9);
    }

    private static long Sum(LedgerShard[] shards) => shards.Sum(shard => shard.Quota!.Value);

    private static LedgerShard[] Move(LedgerShard[] shards, long cap)
    {
        if (QuotaPlan.Next(shards, cap, [.. shards.Select(shard => shard.Claimed)]) is not { } move)
        {
            return shards;
        }
        LedgerShard[] after = [.. shards];
        foreach ((int shard, long quota) in move.Lower)
        {
            after[shard] = after[shard] with { Quota = quota };
        }
        foreach ((int shard, long more) in move.Share(cap - Sum(after)))
        {
            after[shard] = after[shard] with { Quota = after[shard].Quota + more };
        }
        return after;
    }

    private static LedgerShard Shard(int shard, long quota, long claimed, long pending) =>
        new(shard, true, 1, quota, claimed, LedgerCounts.Zero with { Targeted = claimed + pending, Pending = pending, Delivered = claimed });
}
