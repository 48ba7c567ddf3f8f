using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Reports while Redis is away.</summary>
public sealed class RegistryWriterTests : IAsyncDisposable
{
    private readonly OrdersAlone _orders = new(TimeProvider.System);

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public void Reported_OneVehicleFloods_TakesOnePlaceInItsLane()
    {
        FakeLink link = new("v1");
        LocalVehicle vehicle = link.Arrive();
        RegistryWriter writer = _orders.Get<RegistryWriter>();

        for (int i = 0; i < 10_000; i++)
        {
            writer.Reported(vehicle);
        }

        writer.Waiting.ShouldBeLessThanOrEqualTo(1);
        vehicle.UpdateOwed.ShouldBeFalse("there was room for it");
    }
}
