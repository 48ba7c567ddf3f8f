using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Orders;

/// <summary>
/// Keeps vehicles from being told of one thing too soon after another. When a vehicle was last told is noted between the claim and the send: whoever dies there has noted a
/// notice that never left, and the vehicle waits once in vain, but is never told too soon. It is noted by every campaign while there is an order that asks for it, in
/// whatever state, and by none otherwise.
/// </summary>
internal sealed class Spacing(NodeIdentity node, IVehicleRegistry registry, OrderBoard board)
{
    /// <summary>Vehicles that are to be left alone, before they are claimed in vain. Of two campaigns at the same time both may get by here.</summary>
    /// <returns>For how long, in the order of the batch; null: nobody is.</returns>
    /// <exception cref="StoreUnavailableException">Redis did not answer.</exception>
    public async Task<IReadOnlyList<TimeSpan>?> BeforeClaimAsync(ActiveOrder order, ClaimBatch batch, CancellationToken stop) => order.LeavesAloneFor > TimeSpan.Zero
        ? await registry.ToldAsync(node.Pool, batch.Shard, new Telling(order.DeliveryId, order.LeavesAloneFor, Now: false), [.. batch.Deliveries.Select(delivery => delivery.Vehicle.Unit)], stop)
        : null;

    /// <summary>Notes that vehicles are being told, but for those that are to be left alone: of two campaigns at the same time, one gets by.</summary>
    /// <returns>For how long, in the order of the batch; zero where nothing was granted. Null: nobody is.</returns>
    /// <exception cref="StoreUnavailableException">Redis did not answer.</exception>
    public async Task<IReadOnlyList<TimeSpan>?> BeforeSendAsync(ActiveOrder order, ClaimBatch batch, IReadOnlyList<ClaimResult> results, CancellationToken stop)
    {
        int[] granted = [.. Enumerable.Range(0, results.Count).Where(i => results[i].Outcome == ClaimOutcome.Granted)];
        if (!board.Current.SpacesVehicles || granted.Length == 0)
        {
            return null;
        }

        Telling telling = new(order.DeliveryId, order.LeavesAloneFor, Now: true);
        IReadOnlyList<TimeSpan> waits = await registry.ToldAsync(node.Pool, batch.Shard, telling, [.. granted.Select(i => batch.Deliveries[i].Vehicle.Unit)], stop);
        TimeSpan[] all = new TimeSpan[results.Count];
        for (int i = 0; i < granted.Length; i++)
        {
            all[granted[i]] = waits[i];
        }

        return all;
    }
}
