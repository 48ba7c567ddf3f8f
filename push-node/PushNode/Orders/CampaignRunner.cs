using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.PushNode.Orders;

/// <summary>Carries out one ledger's order on this node: keeps the roster, looks vehicles up, and has the sender tell them.</summary>
internal sealed class CampaignRunner : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly IDeliveryLedger _ledger;
    private readonly StoreContact _contact;
    private readonly ILogger _log;
    private readonly RedisClock _redisClock;
    private readonly Wakeup _look = new();
    private readonly CampaignSender _sender;
    private readonly OwnedLoop _looking;
    private readonly OwnedLoop _sending;
    private volatile ActiveOrder _order;
    private volatile bool _lost;
    private volatile bool _stopping;

    public CampaignRunner(
        ActiveOrder order, IDeliveryLedger ledger, Spacing spacing, StoreContact contact, OrderMetrics metrics,
        RedisClock redisClock, TimeProvider clock, ILogger log)
    {
        _order = order;
        _ledger = ledger;
        _contact = contact;
        _log = log;
        _redisClock = redisClock;
        Roster = new Roster(clock, redisClock);
        _sender = new CampaignSender(this, ledger, spacing, contact, metrics, clock);
        _looking = OwnedLoop.Start($"look {order.Key}", LookAsync, clock, log);
        _sending = OwnedLoop.Start($"send {order.Key}", _sender.RunAsync, clock, log);
    }

    public ActiveOrder Order => _order;

    public Roster Roster { get; }

    /// <summary>Its ledger is gone: nothing is sent any more (G9).</summary>
    public bool Lost => _lost;

    /// <summary>The order is over here.</summary>
    public bool Stopping => _stopping;

    public IEnumerable<string> Faults => new[] { _looking.Fault, _sending.Fault, _lost ? $"The ledger of {_order.Key} is lost" : null }.OfType<string>();

    /// <summary>The same campaign revision and ledger: carried on with, whatever else of the order changes.</summary>
    public bool Serves(ActiveOrder order) => _order.DeliveryId == order.DeliveryId && _order.LedgerId == order.LedgerId;

    public void Update(ActiveOrder order)
    {
        _order = order;
        _sender.Wake();
    }

    /// <summary>Looks a vehicle up, and sends to it if it is to be told.</summary>
    /// <param name="recheck">A safety net: until answered it does not count as open.</param>
    public void Consider(LocalVehicle vehicle, bool recheck)
    {
        if (!_lost)
        {
            Roster.Consider(vehicle, recheck);
            _look.Set();
        }
    }

    public void Changed(LocalVehicle vehicle)
    {
        if (Roster.Changed(_order, vehicle))
        {
            Consider(vehicle, recheck: true);
        }

        _sender.Wake();
    }

    /// <summary>Notes what was found for a vehicle (see <see cref="Roster.Note"/>).</summary>
    public void Note(LocalVehicle vehicle, VehicleStanding standing, long asked)
    {
        Roster.Note(_order, vehicle, standing, asked);
        _sender.Wake();
    }

    /// <summary>What stands for vehicles of one shard, at most 256; null when the ledger is lost.</summary>
    /// <exception cref="StoreUnavailableException">Redis did not answer.</exception>
    public async Task<IReadOnlyList<VehicleStanding>?> FindAsync(int shard, IReadOnlyList<LocalVehicle> vehicles, CancellationToken stop)
    {
        if (_lost)
        {
            return null;
        }

        LookReply reply = await _ledger.LookAsync(_order.Key, _order.LedgerId, shard, [.. vehicles.Select(vehicle => vehicle.Unit)], stop);
        if (reply.LedgerLost)
        {
            Lose();
            return null;
        }

        return reply.Standings;
    }

    /// <summary>Whether a vehicle would now be sent the notice.</summary>
    public bool WouldTell(LocalVehicle vehicle, VehicleStanding standing) =>
        _order.Order is { Gate: Delivery.Orders.Gate.Open, DryRun: false }
        && Judge.OnLook(DeliveryPhase.Unknown, standing, standing == VehicleStanding.NotTarget && Judge.Takes(_order, vehicle)) == DeliveryPhase.Ready
        && _order.IsInArea(vehicle, _redisClock.Now)
        && _order.QuietFor(vehicle, _redisClock.Now) == TimeSpan.Zero;

    /// <summary>Stops this order at once; said once (G9).</summary>
    public void Lose()
    {
        if (!_lost)
        {
            _lost = true;
            Log.LedgerLost(_log, _order.Key);
        }
    }

    /// <summary>Nothing is sent from here on.</summary>
    public void RequestStop()
    {
        _stopping = true;
        _sending.RequestStop();
        _looking.RequestStop();
    }

    public async ValueTask DisposeAsync()
    {
        RequestStop();
        await _sending.DisposeAsync();
        await _looking.DisposeAsync();
        _sender.Dispose();
        _look.Dispose();
    }

    private async Task LookAsync(CancellationToken stop)
    {
        while (!_lost)
        {
            IReadOnlyList<LocalVehicle> batch = Roster.TakeToLook();
            if (batch.Count == 0)
            {
                await _look.WaitAsync(Idle, stop);
                continue;
            }

            long asked = 0;
            IReadOnlyList<VehicleStanding>? standings = null;
            await _contact.UntilAnsweredAsync(
                async () =>
                {
                    asked = Roster.Now;
                    standings = await FindAsync(batch[0].Shard, batch, stop);
                },
                stop);
            for (int i = 0; standings is not null && i < batch.Count; i++)
            {
                Note(batch[i], standings[i], asked);
            }
        }
    }
}
