using BenchmarkDotNet.Attributes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Benchmarks.Micro;

/// <summary>The node's own work for one car of a campaign, Redis and sockets left out: batches of claims made up and answered, acks settled.</summary>
public class RosterBenchmarks
{
    private const int Cars = 4096;

    private readonly SteppedTime _time = new();
    private readonly ActiveOrder _order = ActiveOrder.From(new PoolName("bench", "micro"), SampleOrder(), before: null);
    private LocalVehicle[] _vehicles = [];
    private Roster _roster = null!;

    [GlobalSetup]
    public void Connect() => _vehicles = [.. Enumerable.Range(0, Cars).Select(i =>
    {
        LocalVehicle vehicle = new(new StillLink($"WVWZZZ1JZXW{i:D6}"), new HelloFrame($"WVWZZZ1JZXW{i:D6}", UnitId.DefaultDevice, null, null, []), i);
        vehicle.ShowToOrders();
        return vehicle;
    })];

    [IterationSetup]
    public void Fill()
    {
        _roster = new Roster(_time, new RedisClock(_time));
        foreach (LocalVehicle vehicle in _vehicles)
        {
            _roster.Note(_order, vehicle, VehicleStanding.Open, asked: 0);
        }
    }

    /// <summary>For one car: taken into a batch, granted, answered, settled.</summary>
    [Benchmark(OperationsPerInvoke = Cars)]
    public int ClaimAndSettle()
    {
        int settled = 0;
        while (_roster.TakeToClaim(_order, Cars) is { Count: > 0 } batches)
        {
            foreach (ClaimBatch batch in batches)
            {
                foreach (LocalDelivery delivery in batch.Deliveries)
                {
                    _roster.Claimed(_order, delivery, new ClaimResult(ClaimOutcome.Granted, 1, TimeSpan.Zero));
                    _roster.Answered(_order, delivery.Vehicle, AckStatus.Received);
                    _roster.Settled(_order, delivery.Vehicle, AckStatus.Received);
                    settled++;
                }
            }
        }

        return settled == Cars ? settled : throw new InvalidOperationException($"{settled} of {Cars} cars were settled.");
    }

    private static Order SampleOrder() => new()
    {
        CampaignId = "micro",
        Revision = 1,
        OwnerUid = "uid",
        Generation = 1,
        LedgerId = "ledger",
        Gate = Gate.Open,
        Filter = new TargetFilter(),
        Delivery = new DeliveryRules(),
        Notice = """{"type":"push","delivery":"micro#1","campaign":"micro","patch":{"id":"p"}}""",
    };

    /// <summary>A car's connection that takes everything and does nothing.</summary>
    private sealed class StillLink(string vid) : IVehicleLink
    {
        public string Vid { get; } = vid;

        public string Unit => Vid;

        public string? Role => null;

        public IReadOnlyDictionary<string, string>? Labels => null;

        public VehiclePosition? Position => null;

        public bool IsOpen => true;

        public bool HasRoom => true;

        public object? Deliveries { get; set; }

        public object? Messages { get; set; }

        public int Place { get; set; }

        public bool TrySend(WireFrame frame) => true;

        public void Close(CloseReason reason, TimeSpan? reconnectAfter = null)
        {
        }
    }
}
