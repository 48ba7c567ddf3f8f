using System.Runtime.CompilerServices;
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
        ILookup<int, string> shards = seen.Lists!.Lines.ToLookup(Shards.Of);
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
        ILookup<int, string> shards = seen.Lists!.Lines.ToLookup(Shards.Of);
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
        CampaignObservation seen, int shard, IEnumerable<string> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matcher = new TargetMatcher(OrderDraft.Filter(seen.Spec.Targets));
        HashSet<string> nodes = [.. seen.Nodes.Select(node => node.Node)];
        HashSet<string> taken = []; // A vid and one of its devices may both be listed.
        foreach (string[] batch in lines.Chunk(BatchSize))
        {
            foreach ((string unit, KnownVehicle? known) in await UnitsAsync(seen, shard, batch, cancellationToken))
            {
                bool online = known?.Holder is { } holder && nodes.Contains(holder.Node);
                if (taken.Add(unit) && Matches(matcher, unit, known, online ? seen.Now : null))
                {
                    yield return new Target(unit, Away: !online);
                }
            }
        }
    }

    /// <summary>
    /// The units that some lines mean. Where devices are told apart a vid means those that are on record now, or the default one if none is: one that
    /// first appears later is not among the targets.
    /// </summary>
    private async Task<IEnumerable<(string Unit, KnownVehicle? Known)>> UnitsAsync(
        CampaignObservation seen, int shard, string[] lines, CancellationToken cancellationToken)
    {
        bool perDevice = seen.Sessions == SessionMode.PerDevice;
        string[] units = [.. lines.Where(line => !perDevice || UnitId.NamesDevice(line))];
        IReadOnlyList<KnownVehicle?> known = units.Length == 0 ? [] : await registry.FindAsync(seen.Pool, shard, units, cancellationToken);
        IEnumerable<(string, KnownVehicle?)> found = units.Zip(known);
        string[] vids = [.. lines.Except(units)];
        if (vids.Length == 0)
        {
            return found;
        }
        IReadOnlyList<KnownVehicle> devices = await registry.FindDevicesAsync(seen.Pool, shard, vids, cancellationToken);
        HashSet<string> withDevices = [.. devices.Select(device => UnitId.VidOf(device.Vid).ToString())];
        return found
            .Concat(devices.Select(device => (device.Vid, (KnownVehicle?)device)))
            .Concat(vids.Where(vid => !withDevices.Contains(vid)).Select(vid => (UnitId.Of(SessionMode.PerDevice, vid, UnitId.DefaultDevice), (KnownVehicle?)null)));
    }

    /// <summary>A listed car that was never seen has no labels and no position. Nothing is asked about when it was seen: the list names it.</summary>
    /// <param name="onlineNow">The time if it is online; null: its position is judged as of when it was last seen.</param>
    private static bool Matches(TargetMatcher matcher, string unit, KnownVehicle? known, DateTimeOffset? onlineNow)
    {
        DateTimeOffset at = onlineNow ?? (known is null ? DateTimeOffset.UnixEpoch : Microseconds.ToTime(known.LastSeenAt));
        return matcher.Selects(unit, known?.Labels ?? NoLabels) && matcher.InArea(known?.Position, at);
    }
}
