using System.Diagnostics;
using System.Threading.Channels;

namespace PushPlatform.VehicleClient;

/// <summary>
/// Hands new notices to the application, one at a time, while the connection goes on. Holds at most 16.
/// Full: a notice is dropped without an ack, so the node sends it again later.
/// </summary>
internal sealed class PushInbox(VehicleOptions options, KnownDeliveries known, Action wake)
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();
    private readonly List<string> _inHand = [];
    private readonly Channel<Push> _queue = Channel.CreateBounded<Push>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Takes a copy of a notice in: a new one goes to the application, a known one is only acked again, one that the application has in hand is acked when it is done.</summary>
    internal void Offer(Push push)
    {
        options.OnCopy?.Invoke(push.Delivery);
        lock (_gate)
        {
            if (known.OweAgain(push.Delivery))
            {
                wake();
                return;
            }

            if (_inHand.Contains(push.Delivery))
            {
                return;
            }

            if (_queue.Writer.TryWrite(push))
            {
                _inHand.Add(push.Delivery);
                return;
            }
        }

        options.OnFault?.Invoke(new VehicleFault("The application does not keep up; a notice was dropped and will come again.", push.Delivery));
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Push push in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await HandleAsync(push, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    _inHand.Remove(push.Delivery);
                }

                wake();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: what is left was not acked, so it comes again.
        }
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
        try
        {
            // The application has acted, so this is written down even when it is time to stop.
            await known.RecordAsync(push.Delivery, report, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Known until the process ends, and acked: silence would show the notice to the application again.
            options.OnFault?.Invoke(new VehicleFault("The store failed; a restart may show this notice again.", push.Delivery, e));
        }
    }
}
