using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Registry;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;

namespace PushPlatform.Operator.Inquiry;

/// <summary>What is known of one vehicle: where it is connected, and what became of it in each campaign of its pool. Positions are not told: they are nobody's business here.</summary>
internal sealed class VehicleInquiry(IVehicleRegistry registry, INodeMembership membership, ILedgerInquiry ledgers, IEntityStore<PushCampaign> campaigns)
{
    /// <returns>Null: the pool has never seen it, and no campaign was for it.</returns>
    public async Task<VehicleAnswer?> FindAsync(PushPool pool, string vid, CancellationToken cancellationToken)
    {
        PoolName name = new(pool.Namespace()!, pool.Name());
        IReadOnlyList<KnownVehicle> known = pool.EffectiveSessions() == SessionMode.PerDevice
            ? await registry.FindDevicesAsync(name, Shards.Of(vid), [vid], cancellationToken)
            : [.. (await registry.FindAsync(name, Shards.Of(vid), [vid], cancellationToken)).OfType<KnownVehicle>()];
        List<VehicleDelivery> deliveries = [];
        foreach (PushCampaign campaign in campaigns.List(name.Namespace).Where(campaign => CampaignObservation.PoolOf(campaign) == name).OrderBy(campaign => campaign.Metadata.CreationTimestamp))
        {
            int revision = campaign.Status.Revision ?? campaign.Spec.Revision;
            IReadOnlyList<DeliveryFate> fates = await ledgers.FindAsync(new CampaignKey(name, CampaignObservation.IdOf(campaign), revision), vid, cancellationToken);
            deliveries.AddRange(fates.Select(fate => new VehicleDelivery(
                campaign.Name(), CampaignObservation.IdOf(campaign), revision, campaign.Status.Phase?.ToString(), campaign.Spec.Patch.Id, campaign.Spec.Patch.Version, DeliveryRow.Of(fate))));
        }
        return known.Count == 0 && deliveries.Count == 0 ? null : new VehicleAnswer(vid, pool.Name(), await ConnectionsAsync(name, known, cancellationToken), deliveries);
    }

    private async Task<IReadOnlyList<VehicleConnection>> ConnectionsAsync(PoolName pool, IReadOnlyList<KnownVehicle> known, CancellationToken cancellationToken)
    {
        // A holder that does not live is an absence that has not been noticed yet.
        Dictionary<string, string> pods = (await membership.LiveNodesAsync(pool, cancellationToken)).ToDictionary(node => node.Node, node => node.Pod);
        return
        [
            .. known.OrderBy(vehicle => vehicle.Vid, StringComparer.Ordinal).Select(vehicle => new VehicleConnection(
                UnitId.DeviceOf(vehicle.Vid), vehicle.Holder is { } holder ? pods.GetValueOrDefault(holder.Node) : null, FromMicroseconds(vehicle.FirstSeenAt), FromMicroseconds(vehicle.LastSeenAt), vehicle.Labels)),
        ];
    }

    private static DateTimeOffset FromMicroseconds(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time / 1000);
}

/// <param name="Connections">One; in a pool of devices one each. Empty: never seen.</param>
/// <param name="Deliveries">In the order in which the campaigns were made; the current revision of each.</param>
internal sealed record VehicleAnswer(string Vid, string Pool, IReadOnlyList<VehicleConnection> Connections, IReadOnlyList<VehicleDelivery> Deliveries);

/// <param name="Pod">The push node that holds its connection; null = not connected.</param>
/// <param name="LastSeenAt">Its last contact; as exact as the registry is.</param>
internal sealed record VehicleConnection(string? Device, string? Pod, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, IReadOnlyDictionary<string, string> Labels);

internal sealed record VehicleDelivery(string Campaign, string CampaignId, int Revision, string? Phase, string PatchId, string PatchVersion, DeliveryRow Delivery);
