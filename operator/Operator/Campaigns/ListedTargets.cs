using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Explicit lists are the operator's own: it counts them and puts them into the ledger, seen before or not.</summary>
internal sealed class ListedTargets(IVehicleRegistry registry, IDeliveryLedger deliveries, TimeProvider time)
{
    private const int BatchSize = 256;

    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(400);

    /// <summary>Counts on from where the last pass stopped, shard by shard, for at most half a second.</summary>
    public async Task<ListCount> CountAsync(CampaignObservation seen, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ListCount count = seen.Memory.ListCount is { Complete: false } unfinished && unfinished.ContentHash == seen.ContentHash
            ? unfinished
            : new ListCount(seen.ContentHash, 0, 0, 0, seen.Now);
        ILookup<int, string> shards = seen.Lists!.Vids.ToLookup(Shards.Of);
        while (!count.Complete && time.GetElapsedTime(begun) < Budget)
        {
            await foreach (Target target in MatchingAsync(seen, count.NextShard, shards[count.NextShard], cancellationToken))
            {
                count = count with { Matched = count.Matched + 1, Online = count.Online + (target.Away ? 0 : 1) };
            }
            count = count with { NextShard = count.NextShard + 1 };
        }
        return count;
    }

    /// <summary>Fills and freezes the shards that are not frozen yet, for at most half a second.</summary>
    public async Task FreezeAsync(CampaignObservation seen, string ledgerId, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ILookup<int, string> shards = seen.Lists!.Vids.ToLookup(Shards.Of);
        foreach (LedgerShard shard in seen.Ledger!.Shards.OfType<LedgerShard>().Where(shard => !shard.Frozen))
        {
            if (time.GetElapsedTime(begun) > Budget)
            {
                return;
            }
            List<Target> batch = [];
            await foreach (Target target in MatchingAsync(seen, shard.Shard, shards[shard.Shard], cancellationToken))
            {
                batch.Add(target);
                if (batch.Count == BatchSize)
                {
                    await deliveries.TargetAsync(seen.Key, ledgerId, shard.Shard, batch, cancellationToken);
                    batch.Clear();
                }
            }
            if (batch.Count > 0)
            {
                await deliveries.TargetAsync(seen.Key, ledgerId, shard.Shard, batch, cancellationToken);
            }
            await deliveries.MarkFrozenAsync(seen.Key, ledgerId, shard.Shard, cancellationToken);
        }
    }

    private async IAsyncEnumerable<Target> MatchingAsync(
        CampaignObservation seen, int shard, IEnumerable<string> vids, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matcher = new TargetMatcher(OrderDraft.Filter(seen.Spec.Targets));
        HashSet<string> nodes = [.. seen.Nodes.Select(node => node.Node)];
        foreach (string[] batch in vids.Chunk(BatchSize))
        {
            IReadOnlyList<KnownVehicle?> known = await registry.FindAsync(seen.Pool, shard, batch, cancellationToken);
            for (int i = 0; i < batch.Length; i++)
            {
                bool online = known[i]?.Holder is { } holder && nodes.Contains(holder.Node);
                if (Matches(matcher, batch[i], known[i], online ? seen.Now : null))
                {
                    yield return new Target(batch[i], Away: !online);
                }
            }
        }
    }

    /// <summary>A listed car that was never seen has no labels and no position. Nothing is asked about when it was seen: the list names it.</summary>
    /// <param name="onlineNow">The time if it is online; null: its position is judged as of when it was last seen.</param>
    private static bool Matches(TargetMatcher matcher, string vid, KnownVehicle? known, DateTimeOffset? onlineNow)
    {
        DateTimeOffset at = onlineNow ?? (known is null ? DateTimeOffset.UnixEpoch : Microseconds.ToTime(known.LastSeenAt));
        return matcher.Selects(vid, known?.Labels ?? NoLabels) && matcher.InArea(known?.Position, at);
    }
}
