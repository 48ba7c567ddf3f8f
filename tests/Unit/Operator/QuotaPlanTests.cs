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
        long cap = shards.Sum(shard => shard.Quota!.Value);
        LedgerShard[] after = Move(shards);

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
            shards = Move(shards);
            visited.Add(Array.FindIndex(shards, shard => shard.Quota == 1));
        }

        visited.Count.ShouldBe(16);
    }

    [Fact]
    public void Next_AShardThatUsesItsShare_KeepsIt()
    {
        LedgerShard[] shards = [.. Enumerable.Range(0, 16).Select(shard => Shard(shard, shard == 3 ? 10 : 0, shard == 3 ? 5 : 0, pending: 5))];
        long[] before = [.. shards.Select(shard => shard.Claimed - (shard.Shard == 3 ? 1 : 0))];

        QuotaPlan.Next(shards, before).ShouldBeNull();
    }

    [Fact]
    public void Next_NobodyWaits_NothingMoves() =>
        QuotaPlan.Next([.. Enumerable.Range(0, 16).Select(shard => Shard(shard, 5, 0, pending: 1))], new long[16]).ShouldBeNull();

    private static LedgerShard[] Move(LedgerShard[] shards)
    {
        if (QuotaPlan.Next(shards, [.. shards.Select(shard => shard.Claimed)]) is not { } move)
        {
            return shards;
        }
        LedgerShard[] after = [.. shards];
        long free = 0;
        foreach ((int shard, long quota) in move.Lower)
        {
            free += after[shard].Quota!.Value - quota;
            after[shard] = after[shard] with { Quota = quota };
        }
        foreach ((int shard, long more) in QuotaPlan.Share(free, move.Raise))
        {
            after[shard] = after[shard] with { Quota = after[shard].Quota + more };
        }
        return after;
    }

    private static LedgerShard Shard(int shard, long quota, long claimed, long pending) =>
        new(shard, true, 1, quota, claimed, LedgerCounts.Zero with { Targeted = claimed + pending, Pending = pending, Delivered = claimed });
}
