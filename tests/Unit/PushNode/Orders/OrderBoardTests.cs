using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class OrderBoardTests
{
    private readonly OrderBoard _board = new(SampleOrders.Pool);

    [Fact]
    public void TryApply_MessageThatFollows_IsApplied()
    {
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open("a"))).ShouldBeTrue();
        _board.TryApply(new OrderMessage(9, 5, SampleOrders.Open("b"))).ShouldBeTrue();

        _board.Current.Seq.ShouldBe(9);
        _board.Current.ByPriority.Select(order => order.Order.CampaignId).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void TryApply_MessageAfterAGap_ChangesNothing()
    {
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open("a")));

        _board.TryApply(new OrderMessage(9, 7, SampleOrders.Open("b"))).ShouldBeFalse();

        _board.Current.Seq.ShouldBe(5);
        _board.Current.ByPriority.Length.ShouldBe(1);
    }

    [Fact]
    public void TryApply_SameMessageTwice_IsNoGap()
    {
        OrderMessage message = new(5, 0, SampleOrders.Open());
        _board.TryApply(message);

        _board.TryApply(message).ShouldBeTrue();
    }

    [Fact]
    public void TryApply_ClosedOrder_IsForgotten()
    {
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open()));

        _board.TryApply(new OrderMessage(6, 5, SampleOrders.Open() with { Gate = Gate.Closed }));

        _board.Current.ByPriority.ShouldBeEmpty();
        _board.Current.Find("hotfix#1").ShouldBeNull();
    }

    [Fact]
    public void TryReplace_OrderThatIsNotInTheBook_IsGone()
    {
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open("a")));

        _board.TryReplace(new OrderBookPage(8, [SampleOrders.Open("b")]), _board.Current).ShouldBeTrue();

        _board.Current.Seq.ShouldBe(8);
        _board.Current.ByPriority.ShouldHaveSingleItem().Order.CampaignId.ShouldBe("b");
    }

    [Fact]
    public void TryReplace_BoardMovedSinceTheReadingBegan_IsRefused()
    {
        OrderSnapshot before = _board.Current;
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open("a")));

        _board.TryReplace(OrderBookPage.Empty, before).ShouldBeFalse();

        _board.Current.Seq.ShouldBe(5);
    }

    [Fact]
    public void TryReplace_LowerSequenceNumber_IsTaken()
    {
        // Redis was lost: what it holds now is the truth, however small its number.
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open("a")));

        _board.TryReplace(OrderBookPage.Empty, _board.Current).ShouldBeTrue();

        _board.Current.ByPriority.ShouldBeEmpty();
    }

    [Fact]
    public void Change_SameNotice_KeepsItsFrame()
    {
        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open()));
        ActiveOrder first = _board.Current.ByPriority[0];

        _board.TryApply(new OrderMessage(6, 5, SampleOrders.Open() with { Gate = Gate.Paused }));

        _board.Current.ByPriority[0].Frame.ShouldBeSameAs(first.Frame);
    }

    [Fact]
    public void Current_IsInOrderOfPriority()
    {
        _board.TryReplace(
            new OrderBookPage(3, [SampleOrders.Open("low") with { Priority = 1 }, SampleOrders.Open("high") with { Priority = 900 }, SampleOrders.Open("mid")]),
            _board.Current);

        _board.Current.ByPriority.Select(order => order.Order.CampaignId).ShouldBe(["high", "mid", "low"]);
    }

    [Fact]
    public void FaultyFilter_IsNamedAndKeepsNobodyElseOut()
    {
        Order faulty = SampleOrders.Open("faulty") with { Filter = new TargetFilter { Geo = new GeoFilter { Include = [new GeoArea()] } } };

        _board.TryReplace(new OrderBookPage(3, [faulty, SampleOrders.Open("good")]), _board.Current).ShouldBeTrue();

        _board.Current.ByPriority.ShouldHaveSingleItem().Order.CampaignId.ShouldBe("good");
        _board.Current.Faults.ShouldHaveSingleItem().ShouldContain("faulty");
    }

    [Fact]
    public void Changed_EachChange_IsTold()
    {
        int told = 0;
        _board.Changed += (_, _) => told++;

        _board.TryApply(new OrderMessage(5, 0, SampleOrders.Open()));
        _board.TryApply(new OrderMessage(9, 8, SampleOrders.Open()));
        _board.TryReplace(OrderBookPage.Empty, _board.Current);

        told.ShouldBe(2);
    }
}
