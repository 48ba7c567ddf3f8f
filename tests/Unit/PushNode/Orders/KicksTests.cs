using System.Diagnostics.Metrics;
using PushPlatform.Delivery.Bus;
using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Kicks while the bus carries nothing.</summary>
public sealed class KicksTests : IAsyncDisposable
{
    private readonly OrdersAlone _orders = new(TimeProvider.System);

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public async Task Publish_TooManyWait_DropsAreCounted()
    {
        long dropped = 0;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "push_node_kicks_dropped" && instrument.Meter.Scope == _orders.Get<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => Interlocked.Add(ref dropped, measurement));
        listener.Start();
        _orders.Bus.Carries = new TaskCompletionSource().Task;
        Kicks kicks = _orders.Get<Kicks>();

        kicks.Publish(new KickMessage("v", 0));
        await _orders.Bus.PublishAsked;
        for (int i = 0; i < Kicks.Capacity; i++)
        {
            kicks.Publish(new KickMessage("v", i));
        }

        Interlocked.Read(ref dropped).ShouldBe(0);
        kicks.Publish(new KickMessage("v", 1));
        kicks.Publish(new KickMessage("v", 2));
        Interlocked.Read(ref dropped).ShouldBe(2);
    }
}
