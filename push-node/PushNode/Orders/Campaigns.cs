using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Orders;

/// <summary>The campaigns that are being carried out: one runner for each order on the board whose targets are complete.</summary>
internal sealed class Campaigns(
    OrderBoard board, VehicleIndex index, IDeliveryLedger ledger, Spacing spacing, StoreContact contact, OrderMetrics metrics, RedisClock redisClock,
    TimeProvider clock, ILogger<Campaigns> log)
    : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly Wakeup _changed = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CampaignRunner[] _running = [];

    /// <summary>The greatest priority first.</summary>
    public IReadOnlyList<CampaignRunner> Running => _running;

    /// <summary>Completes when the orders are known for the first time: before that, nobody can be told whether anything is pending.</summary>
    public Task Known => _known.Task;

    public IEnumerable<string> Faults => _running.SelectMany(runner => runner.Faults);

    public CampaignRunner? Find(ActiveOrder order) => Array.Find(_running, runner => runner.Serves(order));

    /// <summary>Follows the board until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        board.Changed += Wake;
        try
        {
            while (true)
            {
                await ApplyAsync(board.Current);
                await _changed.WaitAsync(Idle, stop);
            }
        }
        finally
        {
            board.Changed -= Wake;
        }
    }

    public async ValueTask DisposeAsync()
    {
        CampaignRunner[] running = Interlocked.Exchange(ref _running!, []);
        foreach (CampaignRunner runner in running)
        {
            await runner.DisposeAsync();
        }

        _changed.Dispose();
    }

    /// <summary>Makes what runs equal to what is ordered. Called by one loop.</summary>
    internal async Task ApplyAsync(OrderSnapshot orders)
    {
        CampaignRunner[] before = _running;
        List<CampaignRunner> next = [];
        List<CampaignRunner> started = [];
        List<CampaignRunner> changed = [];
        foreach (ActiveOrder order in orders.ByPriority.Where(order => order.HasTargets))
        {
            CampaignRunner? runner = Array.Find(before, candidate => candidate.Serves(order));
            if (runner is null)
            {
                runner = new CampaignRunner(order, ledger, spacing, contact, metrics, redisClock, clock, log);
                Log.Started(log, order.Key);
                started.Add(runner);
            }
            else
            {
                changed.AddRange(runner.Order.Order.Seq == order.Order.Seq ? [] : [runner]);
                runner.Update(order);
            }

            next.Add(runner);
        }

        CampaignRunner[] ended = [.. before.Except(next)];
        foreach (CampaignRunner runner in ended)
        {
            runner.RequestStop();
            Log.Ended(log, runner.Order.Key);
        }

        // First seen by arriving vehicles, then enumerating those that have arrived; pairs with LocalVehicle.ShowToOrders.
        _running = [.. next];
        Interlocked.MemoryBarrier();
        if (orders.IsKnown)
        {
            _known.TrySetResult();
        }

        started.ForEach(runner => Sweep(runner, recheck: false));
        changed.ForEach(runner => Sweep(runner, recheck: true));

        foreach (CampaignRunner runner in ended)
        {
            await runner.DisposeAsync();
        }
    }

    private void Wake(object? sender, EventArgs e) => _changed.Set();

    // In the order of the ledger's buckets: what is then looked up, claimed and acked together lies together. From anywhere, or the same vehicles would be the first each time.
    private void Sweep(CampaignRunner runner, bool recheck)
    {
        uint start = (uint)Random.Shared.Next();
        foreach (LocalVehicle vehicle in index.Links.Select(LocalVehicle.Of).OfType<LocalVehicle>()
            .OrderBy(vehicle => (Shards.BucketHash(vehicle.Unit) - start) % Shards.BucketHashes))
        {
            runner.Consider(vehicle, recheck);
        }
    }
}
