using System.Diagnostics.Metrics;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.PushNode.Orders;

/// <summary>What carrying out orders looks like from outside.</summary>
internal sealed class OrderMetrics : IDisposable
{
    public const string MeterName = "PushPlatform.PushNode.Orders";

    private readonly Meter _meter;
    private readonly Counter<long> _sends;
    private readonly Counter<long> _cancels;
    private readonly Counter<long> _acks;
    private readonly Counter<long> _unknownAcks;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _leases;
    private readonly Histogram<double> _leaseSeconds;
    private readonly Histogram<int> _settleBatches;
    private readonly Counter<long> _kicked;
    private readonly Counter<long> _kicksDropped;
    private readonly Counter<long> _damaged;

    public OrderMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _sends = _meter.CreateCounter<long>("push_node_notices_sent", "{notice}", "Notices handed to connections");
        _cancels = _meter.CreateCounter<long>("push_node_cancels_sent", "{cancel}", "Vehicles told to forget what was cancelled");
        _acks = _meter.CreateCounter<long>("push_node_acks", "{ack}", "Acknowledgements of known deliveries, by status");
        _unknownAcks = _meter.CreateCounter<long>("push_node_acks_unknown", "{ack}", "Acknowledgements of deliveries that no order in the book names");
        _claims = _meter.CreateCounter<long>("push_node_claims", "{vehicle}", "Answers to claims, by outcome");
        _leases = _meter.CreateCounter<long>("push_node_leases", "{lease}", "Answers to lease requests, by outcome");
        _leaseSeconds = _meter.CreateHistogram<double>("push_node_lease_seconds", "s", "Wait for the answer to a lease request");
        _settleBatches = _meter.CreateHistogram<int>("push_node_settle_batch", "{ack}", "Acknowledgements recorded in one call");
        _kicked = _meter.CreateCounter<long>("push_node_kicked", "{connection}", "Connections closed because the vehicle came back on another node");
        _kicksDropped = _meter.CreateCounter<long>("push_node_kicks_dropped", "{kick}", "Kicks not told to other nodes because too many wait for the bus");
        _damaged = _meter.CreateCounter<long>("push_node_store_damaged", "{answer}", "Answers of Redis that hold something else than ours");
    }

    /// <summary>Once for each time that it was met; health says what.</summary>
    public void StoreDamaged() => _damaged.Add(1);

    public void Sent(int attempt) => _sends.Add(1, new KeyValuePair<string, object?>("repeat", attempt > 1));

    public void CancelSent() => _cancels.Add(1);

    public void Acked(AckStatus status) => _acks.Add(1, new KeyValuePair<string, object?>("status", status.ToString()));

    public void UnknownAck() => _unknownAcks.Add(1);

    public void Claimed(ClaimOutcome outcome) => _claims.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Leased(LeaseOutcome outcome, TimeSpan waited)
    {
        _leases.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
        _leaseSeconds.Record(waited.TotalSeconds);
    }

    public void SettledBatch(int size) => _settleBatches.Record(size);

    public void Kicked() => _kicked.Add(1);

    public void KickDropped() => _kicksDropped.Add(1);

    /// <summary>Watches the length of a queue.</summary>
    public void Watch(string queue, Func<int> length) => _meter.CreateObservableGauge(
        "push_node_queue_length", () => new Measurement<int>(length(), new KeyValuePair<string, object?>("queue", queue)), "{item}", "Waiting in a queue of this node");

    public void Dispose() => _meter.Dispose();
}
