using System.Diagnostics.Metrics;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Telemetry;

/// <summary>What the node counts about its connections. A vid is never a tag: tags are few and known beforehand.</summary>
internal sealed class NodeMetrics : IDisposable
{
    /// <summary>Meters whose names begin with PushPlatform are shown at <c>/metrics</c>.</summary>
    public const string MeterName = "PushPlatform.PushNode";

    private readonly Meter _meter;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _unauthorized;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _throttled;

    public NodeMetrics(IMeterFactory meters, VehicleIndex index, Admission admission)
    {
        _meter = meters.Create(MeterName);
        _handshakes = _meter.CreateCounter<long>("push_node_handshakes", "{handshake}", "Upgrade requests by outcome");
        _unauthorized = _meter.CreateCounter<long>("push_node_unauthorized", "{vehicle}", "Vehicles that were not let in, by what was wrong with their token or role");
        _closes = _meter.CreateCounter<long>("push_node_closes", "{connection}", "Ended vehicle connections by reason and close code");
        _received = _meter.CreateCounter<long>("push_node_frames_received", "{frame}", "Text messages from vehicles by kind");
        _sent = _meter.CreateCounter<long>("push_node_frames_sent", "{frame}", "Frames for vehicles: taken, or refused because the vehicle was closed or slow");
        _throttled = _meter.CreateCounter<long>("push_node_reads_paused", "{pause}", "Pauses in the reading of a vehicle that sends faster than it may");
        _meter.CreateObservableGauge("push_node_vehicles", () => index.Count, "{vehicle}", "Vehicles that have said hello and are connected");
        _meter.CreateObservableGauge("push_node_connections", () => admission.Connections, "{connection}", "Open connections on the vehicle port");
        _meter.CreateObservableGauge("push_node_connections_limit", () => admission.MaxConnections, "{connection}", "Connections that this process can hold");
    }

    public void Handshake(string outcome) => _handshakes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Unauthorized(string reason) => _unauthorized.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void ConnectionEnded(CloseReason reason) => _closes.Add(
        1, new KeyValuePair<string, object?>("reason", reason.Name), new KeyValuePair<string, object?>("code", reason.Code));

    public void FrameReceived(MessageKind kind) => _received.Add(1, new KeyValuePair<string, object?>("kind", NameOf(kind)));

    public void FrameSent(bool taken) => _sent.Add(1, new KeyValuePair<string, object?>("outcome", taken ? "taken" : "refused"));

    public void ReadPaused() => _throttled.Add(1);

    public void Dispose() => _meter.Dispose();

    private static string NameOf(MessageKind kind) => kind switch
    {
        MessageKind.Hello => "hello",
        MessageKind.Ack => "ack",
        MessageKind.Position => "position",
        MessageKind.Labels => "labels",
        MessageKind.Ping => "ping",
        MessageKind.Message => "message",
        MessageKind.Skipped => "skipped",
        MessageKind.UnknownType => "unknown",
        _ => "malformed",
    };
}
