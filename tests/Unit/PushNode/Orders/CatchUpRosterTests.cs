using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Vehicles that were away at the start, in a campaign that gives them a share of its rate.</summary>
public sealed class CatchUpRosterTests
{
    private readonly Roster _roster;
    private ActiveOrder _order = WithShare(10);

    public CatchUpRosterTests()
    {
        ManualTimeProvider clock = new();
        _roster = new Roster(clock, new RedisClock(clock));
    }

    [Fact]
    public void TakeToClaim_OfThoseThatCatchUp_TakesNoMoreThanTheirShare_AndTheseFirst()
    {
        Arrive(VehicleStanding.CatchUp, 40, "back");
        Arrive(VehicleStanding.Open, 40, "here");
        (_roster.Claimable, _roster.ClaimableToCatchUp).ShouldBe((80, 40));

        List<LocalDelivery> taken = Take(20, 5);

        taken.Count.ShouldBe(20);
        taken.Count(delivery => delivery.IsCatchUp).ShouldBe(5);
        taken.Where(delivery => delivery.IsCatchUp).ShouldAllBe(delivery => delivery.Vehicle.Unit.StartsWith("back"));
        Take(100, 0).ShouldAllBe(delivery => !delivery.IsCatchUp);
        (_roster.Claimable, _roster.ClaimableToCatchUp).ShouldBe((35, 35));
    }

    [Fact]
    public void WithoutAShare_AllAreAlike()
    {
        _order = WithShare(100);
        Arrive(VehicleStanding.CatchUp, 3, "back");

        (_roster.Claimable, _roster.ClaimableToCatchUp).ShouldBe((3, 0));
        Take(10, 0).Count.ShouldBe(3);
    }

    [Fact]
    public void GivenAShareMeanwhile_WhoIsReadyAlready_KeepsToIt()
    {
        _order = WithShare(100);
        Arrive(VehicleStanding.CatchUp, 3, "back");
        Arrive(VehicleStanding.Open, 2, "here");
        _order = WithShare(10);

        Take(10, 0).Count.ShouldBe(2);
        _roster.ClaimableToCatchUp.ShouldBe(3);
        Take(10, 1).Count.ShouldBe(1);
    }

    [Fact]
    public void SentAgain_StillCatchesUp()
    {
        Arrive(VehicleStanding.CatchUp, 1, "back");
        LocalDelivery delivery = Take(1, 1).ShouldHaveSingleItem();

        _roster.Unused(_order, delivery);

        _roster.ClaimableToCatchUp.ShouldBe(1);
    }

    private static ActiveOrder WithShare(int percent) =>
        (SampleOrders.Open() with { Delivery = new DeliveryRules { CatchUpPercent = percent } }).Active();

    private List<LocalDelivery> Take(int most, int catchUp) => [.. _roster.TakeToClaim(_order, most, catchUp).SelectMany(batch => batch.Deliveries)];

    private void Arrive(VehicleStanding standing, int count, string prefix)
    {
        for (int i = 0; i < count; i++)
        {
            _roster.Note(_order, new FakeLink($"{prefix}-{i}").Arrive(), standing, _roster.Now);
        }
    }
}
