using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Acks while Redis is away: held at the vehicle, recorded once it is back.</summary>
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
        FakeLink other = new(Enumerable.Range(0, 100).Select(i => $"w{i}").First(vid => Shards.Of(vid) != Shards.Of("v1")));
        other.Arrive();

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

    private async Task FillLaneAsync()
    {
        Events.Acked(_link, Received).ShouldBeTrue();
        _accepted++;
        // From here on the lane's loop is busy asking, and takes nothing more out of the lane.
        await _orders.Store.SettleAsked;
        while (Events.Acked(_link, Received))
        {
            _accepted++;
            _accepted.ShouldBeLessThan(10_000, "the lane is bounded");
        }
    }
}
