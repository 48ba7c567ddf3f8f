using System.Threading.Channels;

namespace PushPlatform.VehicleClient;

/// <summary>
/// Hands services' messages to the application, one at a time, while the connection goes on. Holds at most 16; full: a message is dropped, and comes again only if its service sends it again.
/// A copy of one of the last 256 is skipped.
/// </summary>
internal sealed class MessageInbox(VehicleOptions options)
{
    private const int Capacity = 16;
    private const int Remembered = 256;

    private readonly Channel<DirectMessage> _queue = Channel.CreateBounded<DirectMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly OrderedDictionary<string, bool> _seen = [];

    /// <summary>On the connection's receive loop.</summary>
    internal void Offer(DirectMessage message)
    {
        if (options.OnMessage is null || _seen.ContainsKey(message.Id))
        {
            return;
        }

        if (!_queue.Writer.TryWrite(message))
        {
            // Not remembered: should the service send it once more, it is not taken for a copy.
            options.OnFault?.Invoke(new VehicleFault($"The application does not keep up; message '{message.Id}' was dropped."));
            return;
        }

        _seen.Add(message.Id, true);
        if (_seen.Count > Remembered)
        {
            _seen.RemoveAt(0);
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (DirectMessage message in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await HandleAsync(message, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async ValueTask HandleAsync(DirectMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await options.OnMessage!(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            options.OnFault?.Invoke(new VehicleFault($"The application failed on message '{message.Id}'.", Error: e));
        }
    }
}
