using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class LedgerAuditTests
{
    private static readonly LedgerCounts TwoOfThree = LedgerCounts.Zero with { Targeted = 3, Pending = 1, Delivered = 2, Resends = 4 };

    [Fact]
    public void Compare_CountersEqualTheScan_IsClean() => Compare(TwoOfThree, TwoOfThree).Clean.ShouldBeTrue();

    [Fact]
    public void Compare_AnyCounterOff_NamesTheShard()
    {
        Compare(TwoOfThree, TwoOfThree with { Resends = 3 }).Differences.ShouldHaveSingleItem().ShouldStartWith("shard 2:");
        Compare(TwoOfThree with { FailedLater = 1 }, TwoOfThree).Clean.ShouldBeFalse();
    }

    [Fact]
    public void Compare_OffsetsThatCancelOutOverShards_AreStillFound()
    {
        LedgerReading reading = Reading(TwoOfThree);
        LedgerCounts[] scanned = Scanned(LedgerCounts.Zero);
        scanned[3] = TwoOfThree;
        AuditReport report = LedgerAudit.Compare(reading, scanned);
        report.Counters.ShouldBe(report.Scanned);
        report.Differences.Count.ShouldBe(2);
    }

    [Fact]
    public void Compare_StatesThatDoNotSumToTargeted_AreTold()
    {
        LedgerCounts broken = TwoOfThree with { Targeted = 4 };
        Compare(broken, broken).Differences.ShouldHaveSingleItem().ShouldContain("sum to 3");
    }

    [Fact]
    public void Compare_NoLedgerOrNoPace_IsTold()
    {
        LedgerAudit.Compare(null, Scanned(TwoOfThree)).Clean.ShouldBeFalse();
        LedgerAudit.Compare(Reading(TwoOfThree) with { Pace = null }, Scanned(TwoOfThree)).Differences.ShouldBe(["the pace is missing"]);
    }

    [Theory]
    [InlineData("p", DeliveryState.Pending, 0, 0)]
    [InlineData("sa,3,1,2,1795347857542123,1795347857542", DeliveryState.Sent, 3, 1795347857542123)]
    [InlineData("r,1,0,0,0,1795347857542", DeliveryState.Received, 1, 0)]
    [InlineData("dai,2", DeliveryState.Delivered, 2, 0)]
    [InlineData("fn,5", DeliveryState.Failed, 5, 0)]
    [InlineData("u", DeliveryState.Suppressed, 0, 0)]
    public void Record_AsTheScriptsWriteIt_IsRead(string text, DeliveryState state, int attempt, long session) =>
        LedgerRecord.Read("v", text)!.Value.Delivery.ShouldBe(new DeliveryRecord("v", state, attempt, session));

    [Fact]
    public void Record_Counted_HasOneStateAndItsMarks()
    {
        LedgerRecord.Read("v", "dai,3")!.Value.Count().ShouldBe(LedgerCounts.Zero with { Targeted = 1, Delivered = 1, Resends = 2, CaughtUp = 1, Installed = 1 });
        LedgerRecord.Read("v", "ea")!.Value.Count().ShouldBe(LedgerCounts.Zero with { Targeted = 1, Expired = 1 });
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("z")]
    [InlineData("p d")]
    [InlineData("s,x")]
    [InlineData("s,1,0,0,five,6")]
    public void Record_ThatIsNone_IsNull(string text) => LedgerRecord.Read("v", text).ShouldBeNull();

    private static AuditReport Compare(LedgerCounts kept, LedgerCounts scanned) => LedgerAudit.Compare(Reading(kept), Scanned(scanned));

    private static LedgerCounts[] Scanned(LedgerCounts second) =>
        [.. Enumerable.Range(0, Shards.Count).Select(shard => shard == 2 ? second : LedgerCounts.Zero)];

    private static LedgerReading Reading(LedgerCounts second) => new(
        "id",
        "hash",
        "owner",
        new Pace(Open: false, null, DateTimeOffset.UnixEpoch, Supervised: false),
        0,
        0,
        [.. Scanned(second).Select((counts, shard) => new LedgerShard(shard, Frozen: false, 1, null, 0, counts))]);
}
