using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>Whether Redis answers, as all who ask it find out; and how to go on asking.</summary>
internal sealed class StoreContact(OrderMetrics metrics, TimeProvider clock, ILogger<StoreContact> log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    // A person has to know, and a line for each is enough: so many differ only where somebody damages on purpose.
    private const int MostDamages = 32;

    /// <summary>Each is asked for again within a round of the safety net.</summary>
    private static readonly TimeSpan DamageLasts = TimeSpan.FromSeconds(45);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _damages = [];
    private long _silentSince;
    private volatile string _reason = "";

    /// <summary>The last question found no answer. Sends need an answered lease, so this only spares vehicles a wait.</summary>
    public bool IsAway => Volatile.Read(ref _silentSince) != 0;

    /// <summary>Since when nothing was answered; zero while Redis answers.</summary>
    public TimeSpan Silence => Volatile.Read(ref _silentSince) is long since and not 0 ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>What Redis holds where ours should stand, in words for health; each is gone a while after it was last met.</summary>
    public IReadOnlyList<string> Damages
    {
        get
        {
            lock (_gate)
            {
                return [.. _damages.Where(damage => clock.GetElapsedTime(damage.Value) < DamageLasts).Select(damage => damage.Key)];
            }
        }
    }

    /// <summary>What it said last when it did not answer: which server, since when, and what to check.</summary>
    public string Reason => _reason;

    public void Answered()
    {
        if (Interlocked.Exchange(ref _silentSince, 0) is long since and not 0)
        {
            Log.StoreBack(log, clock.GetElapsedTime(since));
        }
    }

    public void Failed(Exception error)
    {
        if (error is StoreDamagedException)
        {
            // It answers, and what lies elsewhere is well.
            Answered();
            Damaged(error.Message);
            return;
        }

        _reason = error.Message;
        if (Interlocked.CompareExchange(ref _silentSince, Math.Max(1, clock.GetTimestamp()), 0) == 0)
        {
            Log.StoreAway(log, error.Message);
        }
    }

    /// <summary>Says once that what stands in Redis cannot be read, and keeps it in health.</summary>
    public void Damaged(string what)
    {
        bool news;
        lock (_gate)
        {
            foreach (string old in _damages.Where(damage => clock.GetElapsedTime(damage.Value) >= DamageLasts).Select(damage => damage.Key).ToArray())
            {
                _damages.Remove(old);
            }

            news = !_damages.ContainsKey(what);
            if (!news || _damages.Count < MostDamages)
            {
                _damages[what] = clock.GetTimestamp();
            }

            news &= _damages.ContainsKey(what);
        }

        metrics.StoreDamaged();
        if (news)
        {
            Log.StoreDamaged(log, what);
        }
    }

    /// <summary>Asks once. False, and said in health, when Redis did not answer, or not with what is ours.</summary>
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
