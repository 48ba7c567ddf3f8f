using PushPlatform.Delivery.Bus;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A bus that neither carries nor breaks: the operator's beat tells that it should have carried.</summary>
public sealed class SilentBusTests : IAsyncLifetime
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly ManualTimeProvider _clock = new();
    private readonly OrdersAlone _orders;

    public SilentBusTests() => _orders = new OrdersAlone(_clock);

    private OrderFollower Follower => _orders.Get<OrderFollower>();

    public ValueTask InitializeAsync()
    {
        // The silence counts from when it is made.
        _ = Follower;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public void NoTickFor15Seconds_OperatorLives_IsBuiltAnewOnce()
    {
        After(15);
        _orders.Bus.Rebuilds.ShouldBeEmpty();
        After(0.1);
        _orders.Bus.Rebuilds.ShouldHaveSingleItem();

        After(15);
        _orders.Bus.Rebuilds.ShouldHaveSingleItem("a new connection has the same time to be heard of");
        After(1);
        _orders.Bus.Rebuilds.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(null)]
    public void NoTick_OperatorIsSilentToo_IsLeftAlone(int? operatorAge)
    {
        _clock.Advance(TimeSpan.FromMinutes(5));
        Follower.Compare(0, operatorAge is { } age ? TimeSpan.FromSeconds(age) : null);

        _orders.Bus.Rebuilds.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_WasHeard_IsLeftAlone()
    {
        _clock.Advance(TimeSpan.FromSeconds(14));
        _orders.Bus.Say(new BusEvent.Received(new TickMessage(0)));
        _orders.Bus.Complete();
        await Follower.FollowBusAsync(TestContext.Current.CancellationToken);

        After(14);

        _orders.Bus.Rebuilds.ShouldBeEmpty();
    }

    private void After(double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        Follower.Compare(0, Fresh);
    }
}
