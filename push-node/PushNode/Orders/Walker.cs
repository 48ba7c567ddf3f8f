using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Orders;

/// <summary>Goes through the registry's shards that are this node's, for previews and freezes: one walk of a shard serves all orders that need it.</summary>
/// <remarks>Keeps nothing: what is to be done is read from the book and the ledgers, so a crash or a second walker of the same shard does no harm.</remarks>
internal sealed class Walker(
    NodeIdentity node, INodeMembership membership, IOrderBook book, IVehicleRegistry registry, IDeliveryLedger ledger, OrderBoard board,
    RedisClock redisClock, StoreContact contact, TimeProvider clock, ILogger<Walker> log) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long a vehicle is remembered that does not come back. Longer than any campaign looks back by default.</summary>
    private static readonly TimeSpan KeepRecords = TimeSpan.FromDays(90);

    private readonly Wakeup _changed = new();

    public async Task RunAsync(CancellationToken stop)
    {
        board.Changed += Wake;
        try
        {
            while (true)
            {
                if (WalkPlan.Concerns(board.Current).Any())
                {
                    await contact.TryAsync(() => WalkOwnShardsAsync(stop));
                    await Task.Delay(Period, clock, stop);
                }
                else
                {
                    await _changed.WaitAsync(Period, stop);
                }
            }
        }
        finally
        {
            board.Changed -= Wake;
        }
    }

    public void Dispose() => _changed.Dispose();

    private async Task WalkOwnShardsAsync(CancellationToken stop)
    {
        IReadOnlyList<NodeBeat> live = await membership.LiveNodesAsync(node.Pool, stop);
        HashSet<string> names = [.. live.Select(beat => beat.Node)];
        int[] own = [.. Enumerable.Range(0, Shards.Count).Where(shard => Rendezvous.NodeFor(shard, names) == node.Name)];
        Dictionary<ActiveOrder, HashSet<int>> needs = [];
        foreach (ActiveOrder order in WalkPlan.Concerns(board.Current))
        {
            await OrSayAsync(async () => needs.Add(order, [.. await NeededShardsAsync(order, stop)]));
        }

        foreach (int shard in own)
        {
            List<ShardTask> tasks = [.. needs.Where(need => need.Value.Contains(shard)).Select(need => new ShardTask(need.Key, shard))];
            if (tasks.Count > 0)
            {
                await OrSayAsync(() => WalkAsync(shard, tasks, names, stop));
            }
        }
    }

    /// <summary>What cannot be read in one shard or of one order keeps nobody from the others.</summary>
    private async Task OrSayAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (StoreDamagedException damage)
        {
            contact.Damaged(damage.Message);
        }
    }

    private async Task<IEnumerable<int>> NeededShardsAsync(ActiveOrder order, CancellationToken stop)
    {
        if (order.Order.Gate == Gate.Freeze)
        {
            IReadOnlyList<bool> frozen = await ledger.FrozenAsync(order.Key, order.LedgerId, stop);
            return Enumerable.Range(0, frozen.Count).Where(shard => !frozen[shard]);
        }

        IReadOnlyList<PreviewShard> results = await book.ReadPreviewAsync(node.Pool, order.Order.CampaignId, stop);
        return WalkPlan.StalePreviews(order.Order, results, redisClock.NowMicroseconds);
    }

    private async Task WalkAsync(int shard, List<ShardTask> tasks, HashSet<string> live, CancellationToken stop)
    {
        DateTimeOffset began = clock.GetUtcNow();
        await foreach (IReadOnlyList<KnownVehicle> page in registry.WalkAsync(node.Pool, shard, KeepRecords, stop))
        {
            // An order that has changed is walked for anew; one that is closed, not at all.
            tasks.RemoveAll(task => task.Ended || !board.Current.ByPriority.Contains(task.Order));
            if (tasks.Count == 0)
            {
                return;
            }

            foreach (ShardTask task in tasks)
            {
                await TakePageAsync(task, page, live, stop);
            }
        }

        foreach (ShardTask task in tasks.Where(task => !task.Ended))
        {
            await FinishAsync(task, stop);
            OrderTracing.Walked(task.Order, shard, began, task.Matched);
        }
    }

    private async Task TakePageAsync(ShardTask task, IReadOnlyList<KnownVehicle> page, HashSet<string> live, CancellationToken stop)
    {
        DateTimeOffset now = redisClock.Now;
        List<Target> matching = [.. page
            .Where(vehicle => UnitId.Fits(node.Sessions, vehicle.Vid))
            .Select(vehicle => (Vehicle: vehicle, Away: WalkPlan.IsAway(vehicle, live)))
            .Where(pair => task.Order.MatchesKnown(pair.Vehicle, pair.Away, now))
            .Select(pair => new Target(pair.Vehicle.Vid, pair.Away))];
        task.Matched += matching.Count;
        if (task.Order.Order.Gate != Gate.Freeze)
        {
            return;
        }

        foreach (Target[] batch in matching.Chunk(ShardLanes<Target>.BatchSize))
        {
            LedgerReply reply = await ledger.TargetAsync(task.Order.Key, task.Order.LedgerId, task.Shard, batch, stop);
            if (reply != LedgerReply.Ok)
            {
                // Frozen: another walker was faster. Lost: the operator says so.
                task.Ended = true;
                return;
            }
        }
    }

    private async Task FinishAsync(ShardTask task, CancellationToken stop)
    {
        Order order = task.Order.Order;
        if (order.Gate == Gate.Freeze)
        {
            await ledger.MarkFrozenAsync(task.Order.Key, order.LedgerId, task.Shard, stop);
            Log.ShardFrozen(log, task.Order.Key, task.Shard, task.Matched);
            return;
        }

        PreviewShard result = new(order.CampaignId, order.OwnerUid, order.Generation, task.Shard, task.Matched, redisClock.NowMicroseconds);
        await book.ReportPreviewAsync(node.Pool, result, stop);
    }

    private void Wake(object? sender, EventArgs e) => _changed.Set();

    private sealed class ShardTask(ActiveOrder order, int shard)
    {
        public ActiveOrder Order { get; } = order;

        public int Shard { get; } = shard;

        public long Matched { get; set; }

        public bool Ended { get; set; }
    }
}
