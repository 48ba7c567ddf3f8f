using System.Diagnostics.Metrics;

namespace PushPlatform.Kubernetes.Client;

/// <summary>The room's instruments. Names are those of client-go and controller-runtime where they have one, so that existing dashboards fit.</summary>
internal sealed class KubernetesMetrics : IDisposable
{
    public const string MeterName = "PushPlatform.Kubernetes";

    private readonly Meter _meter = new(MeterName);

    public KubernetesMetrics()
    {
        Requests = _meter.CreateCounter<long>("rest_client_requests_total", "{request}", "Requests to the API server by code, method and host.");
        Adds = _meter.CreateCounter<long>("workqueue_adds_total", "{key}", "Keys that became due, by queue.");
        Retries = _meter.CreateCounter<long>("workqueue_retries_total", "{key}", "Keys put back after a failure, by queue.");
        Reconciles = _meter.CreateCounter<long>("controller_runtime_reconcile_total", "{reconcile}", "Reconciles by controller and result.");
        ReconcileErrors = _meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", "{reconcile}", "Failed reconciles by controller.");
        ReconcileTime = _meter.CreateHistogram<double>("controller_runtime_reconcile_time_seconds", unit: "s", description: "How long reconciles took, by controller.");
        EventsDropped = _meter.CreateCounter<long>("push_kubernetes_events_dropped_total", "{event}", "Events not written, by cause.");
        WatchRestarts = _meter.CreateCounter<long>("push_kubernetes_watch_restarts_total", "{watch}", "Watches begun again, by kind and cause.");
        Unreadable = _meter.CreateCounter<long>("push_kubernetes_unreadable_objects_total", "{object}", "Objects that did not fit their type, by kind.");
    }

    public Counter<long> Requests { get; }

    public Counter<long> Adds { get; }

    public Counter<long> Retries { get; }

    public Counter<long> Reconciles { get; }

    public Counter<long> ReconcileErrors { get; }

    public Histogram<double> ReconcileTime { get; }

    public Counter<long> EventsDropped { get; }

    public Counter<long> WatchRestarts { get; }

    public Counter<long> Unreadable { get; }

    /// <param name="queue">The queue's name as it stands in the metric.</param>
    /// <param name="depth">Keys that are due and wait for a worker.</param>
    public void ObserveDepth(string queue, Func<int> depth) =>
        _meter.CreateObservableGauge("workqueue_depth", () => new Measurement<int>(depth(), new KeyValuePair<string, object?>("name", queue)), "{key}", "Keys that are due and wait for a worker, by queue.");

    public void ObserveLeadership(string lease, Func<bool> isLeader) =>
        _meter.CreateObservableGauge("leader_election_master_status", () => new Measurement<int>(isLeader() ? 1 : 0, new KeyValuePair<string, object?>("name", lease)), description: "1 for the holder of the lease, else 0.");

    public void Dispose() => _meter.Dispose();
}
