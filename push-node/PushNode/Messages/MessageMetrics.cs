using System.Diagnostics.Metrics;

namespace PushPlatform.PushNode.Messages;

/// <summary>What direct messages look like from outside.</summary>
internal sealed class MessageMetrics : IDisposable
{
    public const string MeterName = "PushPlatform.PushNode.Messages";

    private readonly Meter _meter;
    private readonly Counter<long> _toVehicles;
    private readonly Counter<long> _fromVehicles;
    private readonly Counter<long> _repliesLost;

    public MessageMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _toVehicles = _meter.CreateCounter<long>("push_node_messages_to_vehicles", "{message}", "Direct messages for connected vehicles, by outcome");
        _fromVehicles = _meter.CreateCounter<long>("push_node_messages_from_vehicles", "{message}", "Direct messages from vehicles, by outcome");
        _repliesLost = _meter.CreateCounter<long>("push_node_message_replies_lost", "{reply}", "Outcomes that could not be told to the service that asked, because the broker was away");
    }

    public void ToVehicle(string outcome) => _toVehicles.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void FromVehicle(string outcome) => _fromVehicles.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void RepliesLost(int number) => _repliesLost.Add(number);

    public void Dispose() => _meter.Dispose();
}
