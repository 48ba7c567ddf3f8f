using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Telemetry;

/// <summary>The ledgers' counters as gauges; a campaign's series go with its resource.</summary>
internal sealed class CampaignMetrics
{
    public const string MeterName = "PushPlatform.Operator";

    /// <summary>In the life of a process; those beyond have no series of their own.</summary>
    private const int MostCampaigns = 5000;
    private const int States = 8;

    private readonly ConcurrentDictionary<NamespacedName, CampaignCounts> _counts = new();
    private readonly ConcurrentDictionary<NamespacedName, long> _connections = new();

    public CampaignMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "push_campaign_targets", Targets, "{vehicle}", "Targets of a campaign's current revision, by state.", [new(PushMeters.MostSeries, MostCampaigns * States)]);
        meter.CreateObservableGauge("push_pool_connections", Connections, "{vehicle}", "Cars connected to a pool.");
    }

    public void Observe(NamespacedName campaign, CampaignCounts? counts)
    {
        if (counts is not null)
        {
            _counts[campaign] = counts;
        }
    }

    public void Forget(NamespacedName campaign) => _counts.TryRemove(campaign, out _);

    public void ObservePool(NamespacedName pool, long connections) => _connections[pool] = connections;

    public void ForgetPool(NamespacedName pool) => _connections.TryRemove(pool, out _);

    private IEnumerable<Measurement<long>> Targets()
    {
        foreach ((NamespacedName campaign, CampaignCounts counts) in _counts)
        {
            yield return Of(campaign, "pending", counts.Pending);
            yield return Of(campaign, "inFlight", counts.InFlight);
            yield return Of(campaign, "delivered", counts.Delivered);
            yield return Of(campaign, "failed", counts.Failed);
            yield return Of(campaign, "rejected", counts.Rejected);
            yield return Of(campaign, "expired", counts.Expired);
            yield return Of(campaign, "superseded", counts.Superseded);
            yield return Of(campaign, "suppressed", counts.Suppressed);
        }
    }

    private IEnumerable<Measurement<long>> Connections()
    {
        foreach ((NamespacedName pool, long connections) in _connections)
        {
            yield return new(connections, new("namespace", pool.Namespace), new KeyValuePair<string, object?>("pool", pool.Name));
        }
    }

    private static Measurement<long> Of(NamespacedName campaign, string state, long count) => new(
        count,
        new("namespace", campaign.Namespace),
        new("campaign", campaign.Name),
        new KeyValuePair<string, object?>("state", state));
}
