using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>Vehicles that say hello while Redis is away.</summary>
public sealed class ArrivalsTests : IAsyncDisposable
{
    private readonly OrdersAlone _orders = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public async Task Add_ItLeavesBeforeRedisAnswers_IsNeverMadeTheNewestOfItsVid()
    {
        (string leaving, string staying) = TwoOfOneShard();
        FakeLink link = Add(leaving);
        await _orders.Store.ArriveAsked.WaitAsync(Token);
        LocalVehicle.Of(link)!.Leave();
        _orders.Get<VehicleIndex>().Remove(link);
        Add(staying);

        _orders.Store.Answers = true;

        (await _orders.Store.Arrived.ReadAsync(Token)).ShouldBe(staying);
    }

    [Fact]
    public async Task Add_ItLeftAndAnUnansweredArrivalWasCarriedOut_IsLetGo()
    {
        FakeLink link = Add("v1");
        await _orders.Store.ArriveAsked.WaitAsync(Token);
        LocalVehicle.Of(link)!.Leave();
        _orders.Get<VehicleIndex>().Remove(link);
        _orders.Store.Known["v1"] = new KnownVehicle("v1", 1, 1, new Dictionary<string, string>(), null, new Holder(_orders.Get<NodeIdentity>().Name, 41));

        _orders.Store.Answers = true;

        (await _orders.Store.Left.ReadAsync(Token)).ShouldBe(new VehicleSession("v1", 41));
    }

    private FakeLink Add(string vid)
    {
        FakeLink link = new(vid);
        _orders.Get<VehicleIndex>().Add(link);
        _orders.Get<Arrivals>().Add(link, new HelloFrame(vid, UnitId.DefaultDevice, null, null, []));
        return link;
    }

    private static (string First, string Second) TwoOfOneShard()
    {
        string first = "v0";
        return (first, Enumerable.Range(1, 1000).Select(number => $"v{number}").First(vid => Shards.Of(vid) == Shards.Of(first)));
    }
}
