using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Fails the cars whose time to install is over, and gives the places in flight of those that went away free: round and round the shards that have something in flight, a little each pass.</summary>
internal sealed class InstallSweep(ILedgerControl ledgers, TimeProvider time)
{
    /// <summary>Passes come once a second: a twentieth of Redis at most, however large the ledger.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    /// <summary>A car that is connected is sent to again after one ack time-out: without an answer after two it is away.</summary>
    private const int SilentTimeouts = 2;

    /// <returns>Where the next pass goes on; at most one round from <paramref name="at"/>.</returns>
    public async Task<SweepPosition> SweepAsync(CampaignObservation seen, SweepPosition at, CancellationToken cancellationToken)
    {
        LedgerReading ledger = seen.Ledger!;
        long begun = time.GetTimestamp();
        for (int shards = 0; shards < Shards.Count && time.GetElapsedTime(begun) < Budget;)
        {
            EndReply? reply = ledger.Shards[at.Shard] is { Counts.InFlight: > 0 }
                ? await ledgers.SweepTimeoutsAsync(seen.Key, ledger.LedgerId, at.Shard, at.Bucket, Silence(seen), cancellationToken)
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

    private static TimeSpan? Silence(CampaignObservation seen) =>
        seen.Spec.Pace.MaxInFlight is null ? null : TimeSpan.FromSeconds(SilentTimeouts * seen.Spec.Delivery.AckTimeoutSeconds);
}
