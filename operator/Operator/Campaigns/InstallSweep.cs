using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Fails the cars whose time to install is over: round and round the shards that have something in flight, a little each pass.</summary>
internal sealed class InstallSweep(ILedgerControl ledgers, TimeProvider time)
{
    /// <summary>Passes come once a second: a twentieth of Redis at most, however large the ledger.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    /// <returns>Where the next pass goes on; at most one round from <paramref name="at"/>.</returns>
    public async Task<SweepPosition> SweepAsync(CampaignObservation seen, SweepPosition at, CancellationToken cancellationToken)
    {
        LedgerReading ledger = seen.Ledger!;
        long begun = time.GetTimestamp();
        for (int shards = 0; shards < Shards.Count && time.GetElapsedTime(begun) < Budget;)
        {
            EndReply? reply = ledger.Shards[at.Shard] is { Counts.InFlight: > 0 }
                ? await ledgers.SweepInstallTimeoutsAsync(seen.Key, ledger.LedgerId, at.Shard, at.Bucket, cancellationToken)
                : null;
            if (reply is { More: true, LedgerLost: false })
            {
                at = at with { Bucket = reply.NextBucket };
                continue;
            }
            at = new SweepPosition((at.Shard + 1) % Shards.Count, 0);
            shards++;
        }
        return at;
    }
}
