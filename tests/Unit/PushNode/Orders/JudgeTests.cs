using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class JudgeTests
{
    [Theory]
    [InlineData("Unknown", "Open", false, "Ready")]
    [InlineData("Unknown", "Received", false, "Installing")]
    [InlineData("Unknown", "Final", false, "Final")]
    [InlineData("Unknown", "ToForget", false, "Final")]
    [InlineData("Unknown", "NotTarget", false, "NotTarget")]
    [InlineData("Unknown", "NotTarget", true, "Ready")]
    [InlineData("Ready", "Final", false, "Final")]
    [InlineData("Claiming", "Final", false, "Claiming")]
    [InlineData("Claiming", "Open", false, "Claiming")]
    [InlineData("InFlight", "Open", false, "InFlight")]
    [InlineData("InFlight", "Final", false, "Final")]
    [InlineData("InFlight", "Received", false, "Installing")]
    [InlineData("Waiting", "Open", false, "Waiting")]
    [InlineData("Waiting", "NotTarget", true, "Waiting")]
    [InlineData("Waiting", "NotTarget", false, "NotTarget")]
    [InlineData("Starved", "Open", false, "Starved")]
    [InlineData("Starved", "Final", false, "Final")]
    [InlineData("Outside", "Open", false, "Ready")]
    [InlineData("Answered", "Open", false, "Answered")]
    [InlineData("Answered", "Received", false, "Answered")]
    [InlineData("Answered", "Final", false, "Final")]
    [InlineData("Installing", "Open", false, "Ready")]
    [InlineData("Final", "Open", false, "Ready")]
    public void OnLook_EachPhaseAndStanding_GivesNextPhase(string now, string standing, bool takeable, string next) =>
        Judge.OnLook(Enum.Parse<DeliveryPhase>(now), Enum.Parse<VehicleStanding>(standing), takeable).ShouldBe(Enum.Parse<DeliveryPhase>(next));

    [Theory]
    [InlineData("Unknown", "ToForget", false, "ToCancel")]
    [InlineData("Final", "ToForget", false, "ToCancel")]
    [InlineData("InFlight", "ToForget", false, "ToCancel")]
    [InlineData("Final", "ToForget", true, "CancelTold")]
    [InlineData("CancelTold", "ToForget", true, "CancelTold")]
    [InlineData("Answered", "ToForget", true, "Answered")]
    [InlineData("Answered", "Final", true, "Final")]
    [InlineData("ToCancel", "Final", false, "Final")]
    [InlineData("Ready", "Open", false, "Final")]
    [InlineData("Unknown", "Received", false, "Final")]
    [InlineData("Unknown", "NotTarget", false, "NotTarget")]
    public void OnCancelLook_EachPhaseAndStanding_GivesNextPhase(string now, string standing, bool told, string next) =>
        Judge.OnCancelLook(Enum.Parse<DeliveryPhase>(now), Enum.Parse<VehicleStanding>(standing), told).ShouldBe(Enum.Parse<DeliveryPhase>(next));

    [Theory]
    [InlineData("Granted", "InFlight")]
    [InlineData("Settled", "Final")]
    [InlineData("Exhausted", "Final")]
    [InlineData("NotYet", "Waiting")]
    [InlineData("QuotaExhausted", "Starved")]
    [InlineData("NotTarget", "NotTarget")]
    [InlineData("NewerSession", "NotTarget")]
    public void OnClaim_EachOutcome_GivesNextPhase(string outcome, string next) =>
        Judge.OnClaim(Enum.Parse<ClaimOutcome>(outcome)).ShouldBe(Enum.Parse<DeliveryPhase>(next));

    [Fact]
    public void OnClaim_EveryOutcome_IsAnswered() => Enum.GetValues<ClaimOutcome>().ShouldAllBe(outcome => Enum.IsDefined(Judge.OnClaim(outcome)));

    [Theory]
    [InlineData("Received", "Received", "Final")]
    [InlineData("Received", "Installed", "Installing")]
    [InlineData("Installed", "Installed", "Final")]
    [InlineData("Rejected", "Installed", "Final")]
    [InlineData("Failed", "Received", "Final")]
    [InlineData("Cancelled", "Installed", "Final")]
    public void OnSettled_StatusAndLevel_GivesNextPhase(string status, string level, string next) =>
        Judge.OnSettled(Enum.Parse<AckStatus>(status), Enum.Parse<AckLevel>(level)).ShouldBe(Enum.Parse<DeliveryPhase>(next));

    [Theory]
    [InlineData(SampleOrders.Start, true, false, "x7", true)]
    [InlineData(SampleOrders.Start + 1, true, false, "x7", true)]
    [InlineData(SampleOrders.Start - 1, true, false, "x7", false)]
    [InlineData(SampleOrders.Start, false, false, "x7", false)]
    [InlineData(SampleOrders.Start, true, true, "x7", false)]
    [InlineData(SampleOrders.Start, true, false, "x8", false)]
    public void Takes_OnlyMatchingNewcomersOfOrdersThatWantThem(long firstSeen, bool takesNew, bool listed, string model, bool takes)
    {
        ActiveOrder order = (SampleOrders.Open() with
        {
            TakesNewVehicles = takesNew,
            Listed = listed,
            Filter = new TargetFilter { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["model"] = "x7" } } },
        }).Active();
        FakeLink link = new("v1") { Labels = new Dictionary<string, string> { ["model"] = model } };

        Judge.Takes(order, link.Arrive(firstSeenAt: firstSeen)).ShouldBe(takes);
    }

    [Fact]
    public void Takes_ExcludedNewcomer_IsLeftOut()
    {
        ActiveOrder order = (SampleOrders.Open() with { TakesNewVehicles = true, Filter = new TargetFilter { ExcludeVids = ["v1"] } }).Active();

        Judge.Takes(order, new FakeLink("v1").Arrive(firstSeenAt: SampleOrders.Start)).ShouldBeFalse();
        Judge.Takes(order, new FakeLink("v2").Arrive(firstSeenAt: SampleOrders.Start)).ShouldBeTrue();
    }
}
