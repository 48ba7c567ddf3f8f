using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Aborts a campaign whose resource is gone without its finalizer having run: by force, or with its namespace.</summary>
internal sealed class OrphanCloser(IOrderBook book, ILedgerControl ledgers, RecordEnder records, BusWatch bus)
{
    /// <summary>Goes on for half a second at most.</summary>
    /// <returns>False: it has to be called again, after <see cref="RunningPlan.Grace"/>.</returns>
    public async Task<bool> CloseAsync(CampaignKey key, Order? order, LedgerReading? ledger, CancellationToken cancellationToken)
    {
        if (ledger is { Pace: { IsShut: false } pace })
        {
            await ledgers.SetPaceAsync(key, ledger.LedgerId, pace.Shut, cancellationToken);
            return false; // Whoever waits for its place goes on when its order is gone: by then leases of the last moment have run out.
        }
        if (ledger is not null && !await records.EndAsync(key, ledger, EndOpen.AllExpired, cancellationToken))
        {
            return false;
        }
        LedgerReading? final = ledger is null ? null : await ledgers.ReadAsync(key, cancellationToken);
        Tombstone? tombstone = final is null ? null : TombstoneOf(key, final);
        PutReply reply = await book.RemoveAsync(key.Pool, key.CampaignId, tombstone, cancellationToken);
        if (order is not null)
        {
            await bus.PublishAsync(key.Pool, new OrderMessage(reply.Seq, reply.Prev, order with { Gate = Gate.Closed, Seq = reply.Seq }), cancellationToken);
        }
        if (final is not null)
        {
            await ledgers.RetireAsync(key, final.LedgerId, CampaignActuator.KeepFinished, cancellationToken);
        }
        return true;
    }

    private static Tombstone TombstoneOf(CampaignKey key, LedgerReading ledger) => new()
    {
        CampaignId = key.CampaignId,
        Revision = key.Revision,
        OwnerUid = ledger.OwnerUid,
        ContentHash = ledger.ContentHash,
        LedgerId = ledger.LedgerId,
        Outcome = CampaignOutcome.Aborted,
        Reason = Reasons.OwnerGone,
        DryRun = ledger.Pace?.DryRun ?? false,
        Retry = ledger.Retry,
        Counts = ledger.Counts,
        StartedAt = RunningPlan.WholeSeconds(Microseconds.ToTime(ledger.StartedAt)),
        EndedAt = RunningPlan.WholeSeconds(Microseconds.ToTime(ledger.RedisNow)),
    };
}
