using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class WalkPlanTests
{
    private const long Now = 100_000_000_000;

    [Fact]
    public void StalePreviews_NothingReported_IsEveryShard() =>
        WalkPlan.StalePreviews(SampleOrders.Open(), [], Now).ShouldBe(Enumerable.Range(0, Shards.Count));

    [Theory]
    [InlineData("uid", 1, 59, false)]
    [InlineData("uid", 1, 60, true)]
    [InlineData("uid", 2, 0, true)]
    [InlineData("other", 1, 0, true)]
    public void StalePreviews_OnlyAFreshResultOfThisVeryOrderCounts(string owner, long generation, int ageSeconds, bool stale)
    {
        PreviewShard result = new("hotfix", owner, generation, 4, 10, Now - (ageSeconds * 1_000_000L));

        WalkPlan.StalePreviews(SampleOrders.Open(), [result], Now).Contains(4).ShouldBe(stale);
    }

    [Theory]
    [InlineData(Gate.Preview, false, "", true)]
    [InlineData(Gate.Preview, true, "", false)]
    [InlineData(Gate.Freeze, false, "ledger", true)]
    [InlineData(Gate.Freeze, false, "", false)]
    [InlineData(Gate.Freeze, true, "ledger", false)]
    [InlineData(Gate.Open, false, "ledger", false)]
    [InlineData(Gate.Paused, false, "ledger", false)]
    public void Concerns_OnlyWhatTheNodesWalkFor(Gate gate, bool listed, string ledger, bool concerns)
    {
        OrderSnapshot orders = new(1, [(SampleOrders.Open() with { Gate = gate, Listed = listed, LedgerId = ledger }).Active()], []);

        WalkPlan.Concerns(orders).Any().ShouldBe(concerns);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("alive", false)]
    [InlineData("dead", true)]
    public void IsAway_HolderCountsOnlyWhileItLives(string? holder, bool away)
    {
        KnownVehicle vehicle = new("v1", 1, 1, new Dictionary<string, string>(), null, holder is null ? null : new Holder(holder, 7));

        WalkPlan.IsAway(vehicle, new HashSet<string> { "alive" }).ShouldBe(away);
    }
}
