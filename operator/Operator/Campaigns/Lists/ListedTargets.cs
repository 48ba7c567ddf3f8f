using System.Runtime.CompilerServices;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>Explicit lists are the operator's own: it counts them and puts them into the ledger, seen before or not.</summary>
internal sealed class ListedTargets(IVehicleRegistry registry, IDeliveryLedger deliveries, TimeProvider time)
{
    private const int BatchSize = 256;

    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(400);

    /// <summary>Counts on from where the last pass stopped, for at most half a second.</summary>
    public async Task<ListCount> CountAsync(CampaignObservation seen, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        ListCount count = seen.Memory.Counting is { } unfinished && unfinished.ContentHash == seen.ContentHash
            ? unfinished
            : new ListCount(seen.ContentHash, 0, 0, 0, seen.Now);
        while (!count.Complete && time.GetElapsedTime(begun) < Budget)
        {
            Slice slice = NextSlice(seen.Lists!.Units!, count.NextPart);
            await foreach (Target target in MatchingAsync(seen, slice, cancellationToken))
            {
                count = count with { Matched = count.Matched + 1, Online = count.Online + (target.Away ? 0 : 1) };
            }
            count = count with { NextPart = slice.NextPart };
        }
        return count;
    }

    /// <summary>Fills and freezes the shards that are not frozen yet, on from where the last pass stopped, for at most half a second.</summary>
    /// <returns>Where the next pass goes on.</returns>
    public async Task<ListFreeze> FreezeAsync(CampaignObservation seen, string ledgerId, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        int next = seen.Memory.ListFreeze is { } position && position.LedgerId == ledgerId ? position.NextPart : 0;
        while (next < VidSpool.Parts && time.GetElapsedTime(begun) < Budget)
        {
            int shard = VidSpool.ShardOf(next);
            if (seen.Ledger!.Shards[shard] is not { Frozen: false })
            {
                next = (shard + 1) * VidSpool.PartsPerShard;
                continue;
            }
            Slice slice = NextSlice(seen.Lists!.Units!, next);
            await PutAsync(seen, ledgerId, slice, cancellationToken);
            next = slice.NextPart;
            if (VidSpool.ShardOf(next) != shard)
            {
                await deliveries.MarkFrozenAsync(seen.Key, ledgerId, shard, cancellationToken);
            }
        }
        // What is not frozen after all (a write that a failover lost) is filled again.
        return new ListFreeze(ledgerId, next < VidSpool.Parts ? next : 0);
    }

    private async Task PutAsync(CampaignObservation seen, string ledgerId, Slice slice, CancellationToken cancellationToken)
    {
        List<Target> batch = [];
        await foreach (Target target in MatchingAsync(seen, slice, cancellationToken))
        {
            batch.Add(target);
            if (batch.Count == BatchSize)
            {
                await deliveries.TargetAsync(seen.Key, ledgerId, slice.Shard, batch, cancellationToken);
                batch.Clear();
            }
        }
        if (batch.Count > 0)
        {
            await deliveries.TargetAsync(seen.Key, ledgerId, slice.Shard, batch, cancellationToken);
        }
    }

    /// <summary>Parts of one shard, enough of them for a batch.</summary>
    private static Slice NextSlice(VidSpool units, int part)
    {
        int shard = VidSpool.ShardOf(part);
        List<string> lines = [];
        do
        {
            lines.AddRange(units.Read(part++));
        }
        while (lines.Count < BatchSize && part < VidSpool.Parts && VidSpool.ShardOf(part) == shard);
        return new Slice(shard, lines, part);
    }

    private async IAsyncEnumerable<Target> MatchingAsync(
        CampaignObservation seen, Slice slice, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matcher = new TargetMatcher(OrderDraft.Filter(seen.Spec.Targets));
        HashSet<string> nodes = [.. seen.Nodes.Select(node => node.Node)];
        HashSet<string> taken = []; // A vid and one of its devices may both be listed.
        foreach (string[] batch in slice.Lines.Chunk(BatchSize))
        {
            foreach ((string unit, KnownVehicle? known) in await UnitsAsync(seen, slice.Shard, batch, cancellationToken))
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

    /// <param name="NextPart">What comes after it.</param>
    private readonly record struct Slice(int Shard, List<string> Lines, int NextPart);
}
