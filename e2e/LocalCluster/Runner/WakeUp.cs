using System.Threading.Channels;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>A signal that does not add up: whoever wakes looks at everything, so two signals need one look.</summary>
internal sealed class WakeUp(TimeProvider time)
{
    // One place; a signal that finds it taken is the same signal.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Waits for a signal; false when none came within <paramref name="limit"/>.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource over = new(limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        try
        {
            return await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
