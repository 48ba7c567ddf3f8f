using System.Diagnostics;
using System.Threading.Channels;

namespace PushPlatform.VehicleClient;

/// <summary>
/// Hands new notices to the application, and what is taken back of them, one at a time and in their order, while the connection goes on. Holds at most 16.
/// Full: a notice is dropped without an ack, so the node sends it again later; so is a cancellation, which comes again on the next connection.
/// </summary>
internal sealed class PushInbox(VehicleOptions options, KnownDeliveries known, Action wake)
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();
    private readonly List<Item> _inHand = [];
    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Takes a copy of a notice in: a new one goes to the application, a known one is only acked again, one that the application has in hand is acked when it is done.</summary>
    internal void Offer(Push push)
    {
        options.OnCopy?.Invoke(push.Delivery);
        lock (_gate)
        {
            if (known.OweAgain(push.Delivery, push.Retry))
            {
                wake();
                return;
            }

            Take(new Item(push.Delivery, push));
        }
    }

    /// <summary>Takes in that a delivery is cancelled: answered once the application has done with what came before.</summary>
    internal void Cancel(string delivery)
    {
        lock (_gate)
        {
            Take(new Item(delivery, null));
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Item item in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (item.Push is { } push)
                {
                    await HandleAsync(push, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await ForgetAsync(item.Delivery, cancellationToken).ConfigureAwait(false);
                }

                lock (_gate)
                {
                    _inHand.Remove(item);
                }

                wake();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: what is left was not acked, so it comes again.
        }
    }

    private void Take(Item item)
    {
        if (_inHand.Exists(other => other.Delivery == item.Delivery && other.Push is null == item.Push is null))
        {
            return;
        }

        if (_queue.Writer.TryWrite(item))
        {
            _inHand.Add(item);
            return;
        }

        options.OnFault?.Invoke(new VehicleFault("The application does not keep up; a notice, or its cancellation, was dropped and will come again.", item.Delivery));
    }

    private async ValueTask HandleAsync(Push push, CancellationToken cancellationToken)
    {
        using Activity? activity = VehicleTracing.Begin(push);
        DeliveryReport report;
        try
        {
            report = await options.OnPush(push, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            options.OnFault?.Invoke(new VehicleFault("The application failed; the notice was not acked and will come again.", push.Delivery, e));
            return;
        }

        activity?.SetTag("push.status", report.Status.ToString());
        await RecordAsync(push.Delivery, report, push.Retry).ConfigureAwait(false);
    }

    /// <summary>What the application never saw is forgotten without asking it, and what is over is only said again.</summary>
    private async ValueTask ForgetAsync(string delivery, CancellationToken cancellationToken)
    {
        bool forgotten;
        try
        {
            forgotten = known.StatusOf(delivery) switch
            {
                null => true,
                DeliveryStatus.Received => options.OnCancel is { } ask && await ask(delivery, cancellationToken).ConfigureAwait(false),
                _ => false,
            };
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            options.OnFault?.Invoke(new VehicleFault("The application failed; the cancellation was not answered and will come again.", delivery, e));
            return;
        }

        // While it was asked it may have reported something else: that stands.
        if (forgotten && known.StatusOf(delivery) is null or DeliveryStatus.Received)
        {
            await RecordAsync(delivery, new DeliveryReport(DeliveryStatus.Cancelled), retry: 0).ConfigureAwait(false);
        }
        else
        {
            known.OweAgain(delivery, retry: 0);
        }
    }

    private async ValueTask RecordAsync(string delivery, DeliveryReport report, int retry)
    {
        try
        {
            // The application has acted, so this is written down even when it is time to stop.
            await known.RecordAsync(delivery, report, retry, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Known until the process ends, and acked: silence would show the notice to the application again.
            options.OnFault?.Invoke(new VehicleFault("The store failed; a restart may show this notice again.", delivery, e));
        }
    }

    /// <param name="Push">Null: it is cancelled.</param>
    private sealed record Item(string Delivery, Push? Push);
}
