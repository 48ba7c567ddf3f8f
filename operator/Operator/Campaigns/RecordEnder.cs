using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Ends the open records of a ledger, as far as half a second reaches; the next pass goes on.</summary>
internal sealed class RecordEnder(ILedgerControl ledgers, IDeliveryLedger deliveries, TimeProvider time)
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(400);

    /// <returns>True when nothing of the kind is left.</returns>
    public async Task<bool> EndAsync(CampaignKey key, LedgerReading ledger, EndOpen what, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        foreach (LedgerShard shard in ledger.Shards.OfType<LedgerShard>())
        {
            if (!shard.Frozen)
            {
                // Or a walk that is still under way would put targets in behind us.
                await deliveries.MarkFrozenAsync(key, ledger.LedgerId, shard.Shard, cancellationToken);
            }
            bool more = true;
            while (more)
            {
                if (time.GetElapsedTime(begun) > Budget)
                {
                    return false;
                }
                EndReply reply = await ledgers.EndAsync(key, ledger.LedgerId, shard.Shard, what, cancellationToken);
                more = reply is { More: true, LedgerLost: false };
            }
        }
        return true;
    }
}
