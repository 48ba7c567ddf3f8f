using System.Diagnostics.Metrics;

namespace PushPlatform.Delivery.Bus;

/// <summary>What the bus counts.</summary>
public sealed class BusMetrics
{
    public const string MeterName = "PushPlatform.Delivery.Bus";

    private readonly Counter<long> _dropped;

    public BusMetrics(IMeterFactory meters) =>
        _dropped = meters.Create(MeterName).CreateCounter<long>("push_bus_dropped_messages", "{message}", "Messages not handed on, by reason.");

    internal void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
