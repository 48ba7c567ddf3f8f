using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.Tests.Unit.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Connections;

public sealed class VehicleIndexTests
{
    private readonly VehicleIndex _index = new();

    [Fact]
    public void Add_TheUnitIsThere_TheOlderLinkIsReplaced()
    {
        FakeLink older = new("car-1");
        FakeLink newer = new("car-1");
        _index.Add(older).ShouldBeEmpty();

        _index.Add(newer).ShouldBe([older]);
        _index.Remove(older);

        _index.FindAll("car-1").ShouldBe([newer]);
    }

    [Fact]
    public void Add_OneDeviceTooMany_TheOldestOfThatVehicleIsReplaced()
    {
        FakeLink[] devices = Devices("car-1");
        FakeLink another = new("car-2/d0");
        _index.Add(another);

        _index.Add(new FakeLink("car-1/one-more")).ShouldBe([devices[0]]);
        // It is closing and not gone yet: the next oldest goes as well.
        _index.Add(new FakeLink("car-1/and-another")).ShouldBe([devices[0], devices[1]]);

        _index.FindAll("car-2").ShouldBe([another]);
    }

    [Fact]
    public void Add_ADeviceComesBack_TakesNobodyElsesPlace()
    {
        FakeLink[] devices = Devices("car-1");

        _index.Add(new FakeLink(devices[3].Unit)).ShouldBe([devices[3]]);
    }

    [Fact]
    public void FindAll_AVidOrADevice_FindsAllOrOne()
    {
        FakeLink left = new("car-1/left");
        FakeLink right = new("car-1/right");
        _index.Add(left);
        _index.Add(right);

        _index.FindAll("car-1").ShouldBe([left, right]);
        _index.FindAll("car-1/right").ShouldBe([right]);
        _index.Remove(left);
        _index.FindAll("car-1").ShouldBe([right]);
        _index.Remove(right);
        _index.FindAll("car-1").ShouldBeEmpty();
        _index.Count.ShouldBe(0);
    }

    private FakeLink[] Devices(string vid)
    {
        FakeLink[] devices = [.. Enumerable.Range(0, IVehicleRegistry.MostDevices).Select(i => new FakeLink($"{vid}/d{i}"))];
        foreach (FakeLink device in devices)
        {
            _index.Add(device).ShouldBeEmpty();
        }

        return devices;
    }
}
