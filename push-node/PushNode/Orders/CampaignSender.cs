using System.Diagnostics;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>
/// The one place that sends notices: lease, claim, send. Every frame is sent under a claim and a lease, both looked at just before it. When the campaign is cancelled
/// it tells whoever is marked to forget it instead: under a lease of that kind, and without a claim, for saying it twice does no harm.
/// </summary>
internal sealed class CampaignSender(CampaignRunner runner, IDeliveryLedger ledger, Spacing spacing, StoreContact contact, OrderMetrics metrics, TimeProvider clock) : IDisposable
{
    /// <summary>More are not asked for at once: a lease lives half a second.</summary>
    private const int MostOfOneLease = 4096;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly Wakeup _wake = new();

    /// <summary>There may be something to send, or the order has changed.</summary>
    public void Wake() => _wake.Set();

    public async Task RunAsync(CancellationToken stop)
    {
        while (!runner.Lost)
        {
            runner.Roster.Turn(runner.Order);
            int wanted = Wanted(runner.Order);
            if (wanted == 0)
            {
                await _wake.WaitAsync(TimeSpan.FromMilliseconds(DeadlineWheel.TickMs), stop);
                continue;
            }

            TimeSpan pause = TimeSpan.Zero;
            await contact.UntilAnsweredAsync(async () => pause = await SendUnderOneLeaseAsync(Math.Min(wanted, MostOfOneLease), stop), stop);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(TimeSpan.FromTicks(Math.Clamp(pause.Ticks, ShortestWait.Ticks, LongestWait.Ticks)), clock, stop);
            }
        }
    }

    public void Dispose() => _wake.Dispose();

    private int Wanted(ActiveOrder order) => order switch
    {
        { CancelFrame: not null } => runner.Roster.Cancellable(MostOfOneLease),
        { Order.Gate: Gate.Open } => runner.Roster.Claimable,
        _ => 0,
    };

    /// <summary>Returns how long to wait before the next lease.</summary>
    private async Task<TimeSpan> SendUnderOneLeaseAsync(int wanted, CancellationToken stop)
    {
        // Before the question: the answer may be long under way, and the lease counts from when it was asked for (G5).
        long asked = clock.GetTimestamp();
        ActiveOrder order = runner.Order;
        Lease lease = order.CancelFrame is null
            ? await ledger.LeaseAsync(order.Key, order.LedgerId, new LeaseRequest(wanted, Math.Min(wanted, runner.Roster.ClaimableToCatchUp), order.Order.DryRun), stop)
            : await ledger.LeaseCancelsAsync(order.Key, order.LedgerId, wanted, stop);
        metrics.Leased(lease.Outcome, clock.GetElapsedTime(asked));
        switch (lease.Outcome)
        {
            case LeaseOutcome.Granted when order.CancelFrame is { } frame:
                Cancel(frame, new LeaseInHand(asked, lease.Sends, CatchUpLeft: 0));
                return lease.RetryAfter;
            case LeaseOutcome.Granted:
                await SpendAsync(new LeaseInHand(asked, lease.Sends, lease.CatchUp), stop);
                return lease.RetryAfter;
            case LeaseOutcome.LedgerLost:
                runner.Lose();
                return TimeSpan.Zero;
            default:
                return TimeSpan.FromTicks(Math.Max(lease.RetryAfter.Ticks, ShortestWait.Ticks));
        }
    }

    private async Task SpendAsync(LeaseInHand lease, CancellationToken stop)
    {
        while (lease.Left > 0 && MaySend(lease))
        {
            IReadOnlyList<ClaimBatch> batches = runner.Roster.TakeToClaim(runner.Order, lease.Left, lease.CatchUpLeft);
            if (batches.Count == 0)
            {
                return;
            }

            (int All, int CatchUp)[] sent = await Task.WhenAll(batches.Select(batch => ClaimAndSendAsync(batch, lease, stop)));
            lease = lease with { Left = lease.Left - sent.Sum(part => part.All), CatchUpLeft = lease.CatchUpLeft - sent.Sum(part => part.CatchUp) };
        }
    }

    private void Cancel(WireFrame frame, LeaseInHand lease)
    {
        foreach (LocalDelivery delivery in runner.Roster.TakeToCancel(lease.Left))
        {
            if (!MayCancel(lease))
            {
                runner.Roster.NotCancelled(delivery);
            }
            else if (delivery.Vehicle.Link.TrySend(frame))
            {
                metrics.CancelSent();
            }
        }
    }

    // Looked at before every frame. The order and the stop come from here, the rest from the ledger when it granted the lease.
    private bool MaySend(LeaseInHand lease) => runner.Order.Order.Gate == Gate.Open && IsGood(lease);

    private bool MayCancel(LeaseInHand lease) => runner.Order.CancelFrame is not null && IsGood(lease);

    private bool IsGood(LeaseInHand lease) => !runner.Stopping && !runner.Lost && clock.GetElapsedTime(lease.AskedAt) < Lease.Lifetime;

    /// <summary>Returns how many sends of the lease were used, and how many of these to catch up.</summary>
    private async Task<(int All, int CatchUp)> ClaimAndSendAsync(ClaimBatch batch, LeaseInHand lease, CancellationToken stop)
    {
        ActiveOrder order = runner.Order;
        using Activity? span = OrderTracing.Send(order, batch);
        ClaimReply reply;
        IReadOnlyList<TimeSpan>? alone;
        try
        {
            batch = Tellable(order, batch, await spacing.BeforeClaimAsync(order, batch, stop));
            if (batch.Deliveries.Count == 0)
            {
                return default;
            }

            reply = await ledger.ClaimAsync(order.Key, order.LedgerId, batch.Shard, order.ClaimRules, batch.Requests, stop);
            alone = await spacing.BeforeSendAsync(order, batch, reply.Results, stop);
        }
        catch (StoreUnavailableException error)
        {
            // Only this shard waits: the others of the lease may be on servers that answer.
            contact.Failed(error);
            span.Failed(error.Message);
            runner.Roster.Unanswered(order, batch);
            return default;
        }

        if (reply.LedgerLost)
        {
            span.Failed(nameof(LedgerReply.LedgerLost));
            runner.Lose();
            return default;
        }

        int sent = 0;
        int caughtUp = 0;
        for (int i = 0; i < batch.Deliveries.Count; i++)
        {
            if (alone?[i] is { Ticks: > 0 } wait)
            {
                runner.Roster.LeftAlone(order, batch.Deliveries[i], wait);
            }
            else if (Act(order, batch.Deliveries[i], reply.Results[i], lease))
            {
                sent++;
                caughtUp += batch.Deliveries[i].IsCatchUp ? 1 : 0;
            }
        }

        span.Sent(order.Order.DryRun ? 0 : sent);
        return (sent, caughtUp);
    }

    /// <summary>Puts aside who is to be left alone, and returns the others.</summary>
    private ClaimBatch Tellable(ActiveOrder order, ClaimBatch batch, IReadOnlyList<TimeSpan>? alone)
    {
        if (alone is null)
        {
            return batch;
        }

        for (int i = 0; i < alone.Count; i++)
        {
            if (alone[i] > TimeSpan.Zero)
            {
                runner.Roster.LeftAlone(order, batch.Deliveries[i], alone[i]);
            }
        }

        return new ClaimBatch(batch.Shard, [.. batch.Deliveries.Where((_, i) => alone[i] == TimeSpan.Zero)]);
    }

    /// <summary>True: a send of the lease was used.</summary>
    private bool Act(ActiveOrder order, LocalDelivery delivery, ClaimResult result, LeaseInHand lease)
    {
        metrics.Claimed(result.Outcome);
        if (result.Outcome == ClaimOutcome.NewerSession)
        {
            delivery.Vehicle.Link.Close(CloseReason.Replaced);
        }

        if (result.Outcome == ClaimOutcome.Granted && !MaySend(lease))
        {
            runner.Roster.Unused(order, delivery);
            return false;
        }

        // In flight before the frame leaves: the ack may be faster than the return of the send.
        if (!runner.Roster.Claimed(order, delivery, result))
        {
            return result.Outcome == ClaimOutcome.Rehearsed;
        }

        if (delivery.Vehicle.Link.TrySend(order.Frame))
        {
            metrics.Sent(result.Attempt);
            return true;
        }

        runner.Roster.NotSent(delivery);
        return false;
    }

    /// <param name="AskedAt">Timestamp of the question.</param>
    /// <param name="Left">Sends not used yet.</param>
    /// <param name="CatchUpLeft">Of these, how many may catch up.</param>
    private readonly record struct LeaseInHand(long AskedAt, int Left, int CatchUpLeft);
}
