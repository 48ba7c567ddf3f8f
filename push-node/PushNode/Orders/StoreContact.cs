using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>Whether Redis answers, as all who ask it find out; and how to go on asking.</summary>
internal sealed class StoreContact(TimeProvider clock, ILogger<StoreContact> log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    private long _silentSince;

    /// <summary>The last question found no answer. Sends need an answered lease, so this only spares vehicles a wait.</summary>
    public bool IsAway => Volatile.Read(ref _silentSince) != 0;

    /// <summary>Since when nothing was answered; zero while Redis answers.</summary>
    public TimeSpan Silence => Volatile.Read(ref _silentSince) is long since and not 0 ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    public void Answered()
    {
        if (Interlocked.Exchange(ref _silentSince, 0) is long since and not 0)
        {
            Log.StoreBack(log, clock.GetElapsedTime(since));
        }
    }

    public void Failed(Exception error)
    {
        if (Interlocked.CompareExchange(ref _silentSince, Math.Max(1, clock.GetTimestamp()), 0) == 0)
        {
            Log.StoreAway(log, error.Message);
        }
    }

    /// <summary>Asks once. False, and said in health, when Redis did not answer.</summary>
    public async Task<bool> TryAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (StoreUnavailableException error)
        {
            Failed(error);
            return false;
        }

        Answered();
        return true;
    }

    /// <summary>Asks until Redis answers; what is asked may be repeated.</summary>
    public async Task UntilAnsweredAsync(Func<Task> ask, CancellationToken stop)
    {
        TimeSpan wait = FirstRetry;
        while (!await TryAsync(ask))
        {
            await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), clock, stop);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LastRetry.Ticks));
        }
    }
}
