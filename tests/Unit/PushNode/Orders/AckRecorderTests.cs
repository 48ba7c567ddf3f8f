using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Acks while Redis is away: held at the vehicle, recorded once it is back, and no vehicle's flood holds another.</summary>
public sealed class AckRecorderTests : IAsyncDisposable
{
    private static readonly AckFrame Received = new("hotfix#1", AckStatus.Received, null, null);
    private readonly OrdersAlone _orders = new(TimeProvider.System);
    private readonly FakeLink _link = new("v1");
    private int _accepted;

    public AckRecorderTests()
    {
        _orders.Get<OrderBoard>().TryReplace(new OrderBookPage(1, [SampleOrders.Open()]), OrderSnapshot.Empty).ShouldBeTrue();
        _link.Arrive();
    }

    private IVehicleEvents Events => _orders.Get<IVehicleEvents>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public async Task Full_IsNotAcceptedUntilRedisIsBackAndThenNoneIsLost()
    {
        await FillLaneAsync();
        Task room = Events.AcksAccepted(_link, Token).AsTask();
        room.IsCompleted.ShouldBeFalse();

        _orders.Store.Answers = true;
        await room;
        Events.Acked(_link, Received).ShouldBeTrue();
        await _orders.Get<AckRecorder>().FinishAsync(TimeSpan.FromMinutes(1));

        _orders.Store.Settled.ShouldBe(_accepted + 1);
    }

    [Fact]
    public async Task Full_VehiclesOfOtherShardsAreNotHeld()
    {
        await FillLaneAsync();
        FakeLink other = Vehicles(vid => Shards.Of(vid) != Shards.Of("v1")).First();

        Events.Acked(other, Received).ShouldBeTrue();
        await Events.AcksAccepted(other, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Stopping_AHeldVehicleWaitsUntilItIsClosed()
    {
        await FillLaneAsync();
        await _orders.Get<AckRecorder>().FinishAsync(TimeSpan.Zero);
        using CancellationTokenSource closed = new();
        Task room = Events.AcksAccepted(_link, closed.Token).AsTask();

        room.IsCompleted.ShouldBeFalse("it would offer its ack again and again");
        await closed.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(room);
    }

    [Fact]
    public void UnknownDelivery_IsTakenAndForgotten()
    {
        Events.Acked(_link, Received with { Delivery = "other#1" }).ShouldBeTrue();
        _orders.Get<AckRecorder>().Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task OneFloods_OnlyItIsHeldAndOthersOfItsShardAreRecorded()
    {
        await AskToSettleAsync(_link, Failed(0));
        int taken = 1;
        while (Events.Acked(_link, Failed(taken)))
        {
            taken++;
            taken.ShouldBeLessThan(10_000, "what one vehicle may have in hand is bounded");
        }

        FakeLink[] others = [.. Neighbours().Take(1000)];
        others.ShouldAllBe(other => Events.Acked(other, Received));
        await Events.AcksAccepted(others[0], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
        Task room = Events.AcksAccepted(_link, Token).AsTask();
        room.IsCompleted.ShouldBeFalse("it would offer its ack again and again");

        _orders.Store.Answers = true;
        await room;
        Events.Acked(_link, Failed(taken)).ShouldBeTrue();
        await _orders.Get<AckRecorder>().FinishAsync(TimeSpan.FromMinutes(1));

        _orders.Store.Settled.ShouldBe(taken + 1 + others.Length);
    }

    [Fact]
    public async Task OneFloods_OnANewConnectionItHasNoSecondShare()
    {
        await AskToSettleAsync(_link, Failed(0));
        for (int i = 1; i < AcksInHand.PerVehicle; i++)
        {
            Events.Acked(_link, Failed(i)).ShouldBeTrue();
        }

        FakeLink again = new(_link.Vid);
        again.Arrive();

        Events.Acked(again, Received).ShouldBeFalse();
    }

    [Fact]
    public async Task SameAckAgain_WhileItWaits_IsTakenAndRecordedOnce()
    {
        await AskToSettleAsync(_link, Received);
        for (int i = 0; i < 1000; i++)
        {
            Events.Acked(_link, Received).ShouldBeTrue();
            Events.Acked(_link, Received with { Status = AckStatus.Installed }).ShouldBeTrue();
        }

        _orders.Store.Answers = true;
        await _orders.Get<AckRecorder>().FinishAsync(TimeSpan.FromMinutes(1));

        _orders.Store.Settled.ShouldBe(2);
    }

    private static AckFrame Failed(int code) => Received with { Status = AckStatus.Failed, Code = $"E{code}" };

    /// <summary>Vehicles that use the same lane as the first.</summary>
    private static IEnumerable<FakeLink> Neighbours() => Vehicles(vid => Shards.Of(vid) == Shards.Of("v1"));

    private static IEnumerable<FakeLink> Vehicles(Func<string, bool> where)
    {
        for (int i = 0; ; i++)
        {
            FakeLink link = new($"w{i}");
            if (where(link.Vid))
            {
                link.Arrive();
                yield return link;
            }
        }
    }

    /// <summary>From here on the lane's loop is busy asking, and takes nothing more out of the lane.</summary>
    private async Task AskToSettleAsync(FakeLink link, AckFrame ack)
    {
        Events.Acked(link, ack).ShouldBeTrue();
        await _orders.Store.SettleAsked;
    }

    private async Task FillLaneAsync()
    {
        FakeLink early = Neighbours().First();
        await AskToSettleAsync(early, Received);
        _accepted = 1 + Neighbours().Skip(1).Take(10_000).TakeWhile(link => Events.Acked(link, Received)).Count();
        _accepted.ShouldBeLessThan(10_000, "the lane is bounded");
        Events.Acked(_link, Received).ShouldBeFalse();
    }
}
