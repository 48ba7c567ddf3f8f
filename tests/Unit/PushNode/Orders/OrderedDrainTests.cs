using PushPlatform.Delivery.Bus;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A node that the operator tells to drain: slowly, ready until it is empty, and back when told so.</summary>
public sealed class OrderedDrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeLink[] _links = [.. Enumerable.Range(0, 100).Select(i => new FakeLink($"v{i}"))];
    private readonly CancellationTokenSource _stop = new();
    private OrdersAlone _orders = null!;
    private Task _running = Task.CompletedTask;

    private OrderedDrain Node => _orders.Get<OrderedDrain>();

    private Admission Admission => _orders.Get<Admission>();

    private VehicleIndex Index => _orders.Get<VehicleIndex>();

    private int Gone => _links.Count(link => link.Closed == CloseReason.Draining);

    public ValueTask InitializeAsync()
    {
        _orders = new OrdersAlone(_clock);
        foreach (FakeLink link in _links)
        {
            Index.Add(link);
        }

        _running = Task.WhenAll(Node.RunAsync(_stop.Token), Node.LookAsync(_stop.Token));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        await _orders.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Told_TurnsNewcomersAway_AndSendsTheOthersOverTheDrainTime()
    {
        Node.Hear(true);
        Admission.Judge(out _).ShouldBe(AdmissionVerdict.Draining);

        await UntilAsync(() => Gone > 0);
        await PassAsync(Drain / 4);
        Gone.ShouldBeLessThan(_links.Length * 2 / 3, "jitter or not, a quarter of the time is not two thirds of the vehicles");
        await PassAsync(2 * Drain);
        await UntilAsync(() => Gone == _links.Length);
    }

    [Fact]
    public async Task Told_IsReadyUntilTheLastHasGone_ThenNot_AndReadyAgainWhenLifted()
    {
        Node.Hear(true);
        Ready.ShouldBeTrue();

        await PassAsync(3 * Drain);
        await UntilAsync(() => Gone == _links.Length);
        Ready.ShouldBeTrue("their close handshakes are under way");
        Array.ForEach(_links, Index.Remove);
        Ready.ShouldBeFalse();

        Node.Hear(false);
        Ready.ShouldBeTrue();
        Admission.Judge(out _).ShouldBe(AdmissionVerdict.Admitted);
    }

    [Fact]
    public async Task LiftedMeanwhile_TheOthersStay()
    {
        Node.Hear(true);
        await UntilAsync(() => Gone > 10);

        Node.Hear(false);
        int gone = Gone;
        await PassAsync(Drain);

        Gone.ShouldBeInRange(gone, gone + 2, "a slice may be in hand");
    }

    [Fact]
    public async Task Hint_SaysNothing_TheListIsAsked()
    {
        OrderFollower follower = _orders.Get<OrderFollower>();
        Task following = follower.FollowBusAsync(TestContext.Current.CancellationToken);
        _orders.Store.Answers = true;

        foreach (bool told in new[] { true, false, true })
        {
            _orders.Store.Drain = told;
            _orders.Bus.Say(new BusEvent.Received(new DrainMessage()));
            await UntilAsync(() => Admission.ToldToDrain == told);
        }

        _orders.Bus.Complete();
        await following;
    }

    private bool Ready => HealthEndpoints.Judge([Node], Admission).Ready;

    /// <summary>Moves the clock in small steps, so that a loop that waits again is not overtaken.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            _clock.Advance(Step);
            await Task.Yield();
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _clock.Advance(Step / 10);
            await Task.Delay(1);
        }
    }
}
