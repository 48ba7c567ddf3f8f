using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Loops;

/// <summary>Closes orders whose PushCampaign is gone without its finalizer having run.</summary>
internal sealed class OrphanedOrders(
    IKubernetesClient kubernetes,
    IEntityStore<PushPool> pools,
    IOrderBook book,
    ILedgerControl ledgers,
    OrphanCloser closer,
    ILeadership leadership,
    TimeProvider time,
    ILogger<OrphanedOrders> log) : LeaderLoop(pools, leadership, time, TimeSpan.FromMinutes(1), log)
{
    /// <summary>Half a minute's, for one order in one turn.</summary>
    private const int MostCalls = 20;

    protected override async Task TurnAsync(PoolName pool, CancellationToken cancellationToken)
    {
        // The orders first: whatever has one by now has a resource in the list that is read afterwards.
        OrderBookPage page = await book.ReadAsync(pool, cancellationToken);
        if (page.Orders.Count == 0 && page.Unreadable.Count == 0)
        {
            return;
        }
        EntityList<PushCampaign> campaigns = await kubernetes.ListAsync<PushCampaign>(pool.Namespace, cancellationToken: cancellationToken);
        if (campaigns.Unreadable.Count > 0)
        {
            return; // One that cannot be read may be the owner.
        }
        HashSet<string> alive = [.. campaigns.Items.Select(campaign => campaign.Uid())];
        foreach (Order order in page.Orders.Where(order => !alive.Contains(order.OwnerUid)))
        {
            CampaignKey key = order.Key(pool);
            if (await CloseAsync(key, order, cancellationToken))
            {
                log.OrphanClosed(key.ToString());
            }
        }
        // Whose owner lives, it writes anew; the others nobody will ever read.
        HashSet<string> ids = [.. campaigns.Items.Select(CampaignObservation.IdOf)];
        foreach (string id in page.Unreadable.Keys.Where(id => !ids.Contains(id)))
        {
            await book.RemoveAsync(pool, id, tombstone: null, cancellationToken);
            log.OrphanClosed($"{pool}/{id}");
        }
    }

    // What waits for its place is not to wait for the next turn, nor other pools for an order without end.
    private async Task<bool> CloseAsync(CampaignKey key, Order order, CancellationToken cancellationToken)
    {
        for (int calls = 0; calls < MostCalls; calls++)
        {
            LedgerReading? ledger = order.LedgerId.Length == 0 ? null : await ledgers.ReadAsync(key, cancellationToken);
            if (await closer.CloseAsync(key, order, ledger, cancellationToken))
            {
                return true;
            }
            await Task.Delay(RunningPlan.Grace, Time, cancellationToken);
        }
        return false;
    }
}
