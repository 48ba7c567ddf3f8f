using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A node without Redis sends its vehicles to those that may have it: not before a minute, and not all at once.</summary>
public sealed class EvacuationTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeLink[] _links = [.. Enumerable.Range(0, 60).Select(i => new FakeLink($"v{i}"))];
    private readonly CancellationTokenSource _stop = new();
    private OrdersAlone _orders = null!;
    private Task _running = Task.CompletedTask;

    private int Gone => _links.Count(link => link.Closed == CloseReason.Draining);

    public ValueTask InitializeAsync()
    {
        _orders = new OrdersAlone(_clock);
        foreach (FakeLink link in _links)
        {
            _orders.Get<VehicleIndex>().Add(link);
        }

        _running = _orders.Get<Evacuation>().RunAsync(_stop.Token);
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
    public async Task OneMinuteWithoutRedis_AllGoEvenlyOverTheDrain()
    {
        await SecondsAsync(59);
        Gone.ShouldBe(0);

        foreach (int second in Enumerable.Range(1, 10))
        {
            await SecondsAsync(1);
            Gone.ShouldBe(6 * second);
        }
    }

    [Fact]
    public async Task RedisIsBackMeanwhile_TheOthersStay()
    {
        await SecondsAsync(62);
        Gone.ShouldBe(18);

        await BeatOnceAsync();
        await SecondsAsync(30);

        Gone.ShouldBe(18);
    }

    private async Task SecondsAsync(int number)
    {
        for (int i = 0; i < number; i++)
        {
            await _clock.UntilSomebodyWaitsAsync(Second);
            _clock.Advance(Second);
            await _clock.UntilSomebodyWaitsAsync(Second);
        }
    }

    private async Task BeatOnceAsync()
    {
        Beats beats = _orders.Get<Beats>();
        _orders.Store.Answers = true;
        using CancellationTokenSource stop = new();
        Task beating = beats.RunAsync(stop.Token);
        beats.Silence.ShouldBe(TimeSpan.Zero);
        await stop.CancelAsync();
        await beating.ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
