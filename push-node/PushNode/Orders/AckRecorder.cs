using System.Diagnostics;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Ledger;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>Writes acknowledgements into the ledger, in batches, for as long as it takes.</summary>
internal sealed class AckRecorder : IAsyncDisposable
{
    /// <summary>Of each shard. Full (Redis is slow or away): the connection reads no further, which slows the vehicle and nobody else.</summary>
    private const int Capacity = 2048;

    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    private readonly IDeliveryLedger _ledger;
    private readonly OrderBoard _board;
    private readonly Campaigns _campaigns;
    private readonly StoreContact _contact;
    private readonly OrderMetrics _metrics;
    private readonly AcksInHand _inHand = new();
    private readonly ShardLanes<Ack> _lanes;

    public AckRecorder(
        IDeliveryLedger ledger, OrderBoard board, Campaigns campaigns, StoreContact contact, OrderMetrics metrics, TimeProvider clock, ILogger<AckRecorder> log)
    {
        _ledger = ledger;
        _board = board;
        _campaigns = campaigns;
        _contact = contact;
        _metrics = metrics;
        _lanes = new ShardLanes<Ack>("acks", Capacity, Linger, SettleAsync, clock, log);
    }

    public int Waiting => _lanes.Waiting;

    public IEnumerable<string> Faults => _lanes.Faults;

    /// <summary>False: its lane is full, or this vehicle has too many in hand; try again after <see cref="RoomAsync"/>.</summary>
    public bool TryAdd(LocalVehicle vehicle, AckFrame frame)
    {
        if (_board.Current.Find(frame.Delivery) is not { LedgerId.Length: > 0, Order.DryRun: false } order)
        {
            _metrics.UnknownAck();
            return true;
        }

        Ack ack = new(order, vehicle, new Settlement(vehicle.Unit, frame.Status, frame.Code));
        AckTake take = _inHand.TryTake(ack);
        if (take == AckTake.TooMany)
        {
            return false;
        }

        if (take == AckTake.Taken)
        {
            // Before it is posted: the lane may be done with it before this thread goes on, and nothing would ever say again that it is settled.
            _campaigns.Find(order)?.Roster.Answered(order, vehicle, frame.Status);
            if (!_lanes.TryPost(vehicle.Shard, ack))
            {
                _inHand.LetGo(ack);
                return false;
            }
        }

        _metrics.Acked(frame.Status);
        return true;
    }

    public async ValueTask RoomAsync(LocalVehicle vehicle, CancellationToken cancellationToken)
    {
        await _inHand.RoomAsync(vehicle, cancellationToken);
        await _lanes.RoomAsync(vehicle.Shard, cancellationToken);
    }

    /// <summary>Takes nothing more and records what is in hand; gives up after <paramref name="patience"/>.</summary>
    public Task FinishAsync(TimeSpan patience) => _lanes.FinishAsync(patience);

    public ValueTask DisposeAsync() => _lanes.DisposeAsync();

    private Task SettleAsync(int shard, IReadOnlyList<Ack> batch, CancellationToken stop) =>
        Task.WhenAll(batch.GroupBy(ack => (ack.Order.Key, ack.Order.LedgerId)).Select(group => SettleOneAsync(shard, [.. group], stop)));

    private async Task SettleOneAsync(int shard, Ack[] acks, CancellationToken stop)
    {
        ActiveOrder order = acks[^1].Order;
        Settlement[] settlements = [.. acks.Select(ack => ack.Settlement)];
        LedgerReply reply = LedgerReply.Ok;
        using Activity? span = OrderTracing.Ack(order, shard, acks.Length);
        try
        {
            await _contact.UntilAnsweredAsync(
                async () => reply = await _ledger.SettleAsync(order.Key, order.LedgerId, shard, order.SettleRules, settlements, stop), stop);
        }
        finally
        {
            // Before the roster is told: what the vehicle says from then on is new.
            Array.ForEach(acks, _inHand.LetGo);
        }

        span.Ended(reply);
        _metrics.SettledBatch(acks.Length);
        if (_campaigns.Find(order) is not { } runner)
        {
            return;
        }

        if (reply == LedgerReply.LedgerLost)
        {
            runner.Lose();
            return;
        }

        foreach (Ack ack in acks)
        {
            runner.Roster.Settled(order, ack.Vehicle, ack.Settlement.Status);
        }
    }
}
