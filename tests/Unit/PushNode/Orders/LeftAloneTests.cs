using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A vehicle that was told of something else not long ago.</summary>
public sealed class LeftAloneTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Roster _roster;
    private readonly LocalVehicle _vehicle = new FakeLink("v1").Arrive();
    private ActiveOrder _order = WithInterval(3600);

    public LeftAloneTests()
    {
        _roster = new Roster(_clock, new RedisClock(_clock));
        _roster.Note(_order, _vehicle, VehicleStanding.Open, _roster.Now);
        _roster.LeftAlone(_order, TakeOne(), TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void ItIsLookedAtWhenItsTimeHasCome_NotBefore_AndNothingWaitsForIt()
    {
        _roster.Count().ShouldBe((1, 0));
        After(TimeSpan.FromMinutes(29));
        _roster.Note(_order, _vehicle, VehicleStanding.Open, _roster.Now);
        _roster.Claimable.ShouldBe(0, "the safety net finds the same");

        After(TimeSpan.FromMinutes(1.1));
        TakeOne().Vehicle.ShouldBe(_vehicle);
    }

    [Fact]
    public void TheOrderAsksForLess_ItIsAskedAnew()
    {
        _order = WithInterval(0);
        _roster.Note(_order, _vehicle, VehicleStanding.Open, _roster.Now);

        TakeOne().Vehicle.ShouldBe(_vehicle);
    }

    [Fact]
    public void OfAnyOrders_OneThatAsks_MakesAllNote()
    {
        OrderSnapshot Of(params ActiveOrder[] orders) => new(1, [.. orders], []);

        Of(WithInterval(0)).SpacesVehicles.ShouldBeFalse();
        Of(WithInterval(0), (SampleOrders.Open("other") with { Gate = Gate.Preview, Delivery = new DeliveryRules { MinIntervalSeconds = 1 } }).Active()).SpacesVehicles.ShouldBeTrue();
    }

    [Fact]
    public void WhatLeavesLateUnderALease_IsStillFarEnoughAway() =>
        WithInterval(5).LeavesAloneFor.ShouldBe(TimeSpan.FromSeconds(5) + Lease.Lifetime);

    private static ActiveOrder WithInterval(int seconds) =>
        (SampleOrders.Open() with { Delivery = new DeliveryRules { MinIntervalSeconds = seconds } }).Active();

    private LocalDelivery TakeOne() => _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Deliveries.ShouldHaveSingleItem();

    private void After(TimeSpan time)
    {
        _clock.Advance(time);
        _roster.Turn(_order);
    }
}
