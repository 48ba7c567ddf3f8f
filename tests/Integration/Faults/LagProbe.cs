namespace PushPlatform.Tests.Integration.Faults;

/// <summary>
/// How late a timer fires in this process while something is measured: a machine that is too busy to run us is too busy to run the product, and a promise in seconds
/// is about processes that get to run. What is measured may be late by as much.
/// </summary>
internal sealed class LagProbe : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _worst;

    public LagProbe() => _watching = WatchAsync();

    /// <summary>The worst since the beginning.</summary>
    public TimeSpan Worst => TimeSpan.FromTicks(Volatile.Read(ref _worst));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            long began = TimeProvider.System.GetTimestamp();
            await Task.Delay(Period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            long late = (TimeProvider.System.GetElapsedTime(began) - Period).Ticks;
            Volatile.Write(ref _worst, Math.Max(Volatile.Read(ref _worst), late));
        }
    }
}
