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
    public void Links_AreInTheOrderOfArrival_ButForPlacesThatBecameFree()
    {
        FakeLink[] links = [.. Enumerable.Range(0, 1000).Select(number => new FakeLink($"car-{number}"))];
        Array.ForEach(links, link => _index.Add(link));
        _index.Links.ShouldBe(links);

        _index.Remove(links[3]);
        _index.Remove(links[3]);
        FakeLink late = new("late");
        _index.Add(late);
        FakeLink later = new("later");
        _index.Add(later);

        _index.Links.ShouldBe([.. links[..3], late, .. links[4..], later]);
    }

    [Fact]
    public void Links_OneHasBeenReplaced_OnlyTheNewerOneIsSeen()
    {
        FakeLink older = new("car-1");
        FakeLink newer = new("car-1");
        _index.Add(older);
        _index.Add(newer);

        _index.Links.ShouldBe([newer]);
        _index.Remove(older);
        _index.Links.ShouldBe([newer]);
    }

    [Fact]
    public async Task Links_OthersComeAndGoMeanwhile_WhoStaysIsSeenOnce()
    {
        FakeLink[] staying = [.. Enumerable.Range(0, 500).Select(number => new FakeLink($"stays-{number}"))];
        using CancellationTokenSource stop = new();
        Task[] others = [.. Enumerable.Range(0, 3).Select(group => Task.Run(() =>
        {
            for (int number = 0; !stop.IsCancellationRequested; number++)
            {
                FakeLink[] passing = [.. Enumerable.Range(0, 100).Select(one => new FakeLink($"{group}-{number}-{one}"))];
                Array.ForEach(passing, link => _index.Add(link));
                Array.ForEach(passing, _index.Remove);
            }
        }))];
        try
        {
            foreach (FakeLink link in staying)
            {
                _index.Add(link);
                _index.Links.Count(seen => seen == link).ShouldBe(1);
            }

            for (int look = 0; look < 200; look++)
            {
                _index.Links.Where(link => link.Unit.StartsWith("stays", StringComparison.Ordinal)).ShouldBe(staying, ignoreOrder: true);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(others);
        }
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
