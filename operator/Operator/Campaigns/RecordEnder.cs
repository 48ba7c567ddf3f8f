using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Ends the open records of a ledger, opens those that failed once more, and marks those that are to be forgotten, as far as half a second reaches; the next pass goes on.</summary>
internal sealed class RecordEnder(ILedgerControl ledgers, IDeliveryLedger deliveries, TimeProvider time)
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(400);

    /// <returns>True when nothing of the kind is left.</returns>
    public Task<bool> EndAsync(CampaignKey key, LedgerReading ledger, EndOpen what, CancellationToken cancellationToken) => EachShardAsync(
        ledger,
        async shard =>
        {
            if (!shard.Frozen)
            {
                // Or a walk that is still under way would put targets in behind us.
                await deliveries.MarkFrozenAsync(key, ledger.LedgerId, shard.Shard, cancellationToken);
            }
        },
        shard => ledgers.EndAsync(key, ledger.LedgerId, shard, what, cancellationToken));

    /// <returns>True when everybody is marked.</returns>
    public Task<bool> MarkCancelledAsync(CampaignKey key, LedgerReading ledger, CancellationToken cancellationToken) => EachShardAsync(
        ledger, static _ => Task.CompletedTask, shard => ledgers.MarkCancelledAsync(key, ledger.LedgerId, shard, cancellationToken));

    private async Task<bool> EachShardAsync(LedgerReading ledger, Func<LedgerShard, Task> prepare, Func<int, Task<EndReply>> call)
    {
        long begun = time.GetTimestamp();
        foreach (LedgerShard shard in ledger.Shards.OfType<LedgerShard>())
        {
            await prepare(shard);
            bool more = true;
            while (more)
            {
                if (time.GetElapsedTime(begun) > Budget)
                {
                    return false;
                }
                more = await call(shard.Shard) is { More: true, LedgerLost: false };
            }
        }
        return true;
    }

    /// <summary>One round of retries.</summary>
    public async Task PutBackAsync(CampaignKey key, CampaignStep.PutBack retry, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            bool more = true;
            while (more && time.GetElapsedTime(begun) <= Budget)
            {
                EndReply reply = await ledgers.RetryAsync(key, retry.LedgerId, shard, retry.Round, retry.Codes, cancellationToken);
                more = reply is { More: true, LedgerLost: false };
            }
        }
    }
}
