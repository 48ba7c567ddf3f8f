namespace PushPlatform.PushNode.Orders;

/// <summary>Wakes one waiting loop. Any number of calls while it works wake it once more.</summary>
internal sealed class Wakeup : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0);
    private int _set;

    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
        {
            _signal.Release();
        }
    }

    /// <summary>Returns when it was set, or after <paramref name="atMost"/> (false).</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken stop)
    {
        bool woken = await _signal.WaitAsync(atMost, stop);
        if (woken)
        {
            // Before the caller looks at its work: what comes after this sets again.
            Interlocked.Exchange(ref _set, 0);
        }

        return woken;
    }

    public void Dispose() => _signal.Dispose();
}
