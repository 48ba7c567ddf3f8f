using System.Collections.Concurrent;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Writes down what happens while a schedule is played, with the time since its start. Safe for concurrent use.</summary>
internal sealed class Chronicle(TimeProvider time)
{
    private readonly long _begin = time.GetTimestamp();
    private readonly ConcurrentQueue<Copy> _copies = new();
    private readonly ConcurrentQueue<Stop> _stops = new();
    private readonly ConcurrentQueue<Outage> _outages = new();
    private readonly ConcurrentQueue<Starvation> _starved = new();

    public TimeSpan Now => time.GetElapsedTime(_begin);

    public IReadOnlyList<Copy> Copies => [.. _copies];

    public IReadOnlyList<Stop> Stops => [.. _stops];

    public IReadOnlyList<Outage> Outages => [.. _outages];

    public IReadOnlyList<Starvation> Starved => [.. _starved];

    public void Arrived(string vid, string delivery) => _copies.Enqueue(new Copy(vid, delivery, Now));

    public void Stopped(Stop stop) => _stops.Enqueue(stop);

    /// <summary>From <paramref name="since"/> until now the leader was out of action.</summary>
    public void WasOut(TimeSpan since, bool leaderGone) => _outages.Enqueue(new Outage(since, Now, leaderGone));

    /// <summary>Looks until cancelled whether this process is run when it wants to be.</summary>
    public async Task WatchStarvationAsync(CancellationToken cancellationToken)
    {
        TimeSpan period = TimeSpan.FromMilliseconds(50);
        TimeSpan tolerated = TimeSpan.FromMilliseconds(500);
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan before = Now;
            await Task.Delay(period, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            TimeSpan after = Now;
            if (after - before > period + tolerated)
            {
                _starved.Enqueue(new Starvation(before, after));
            }
        }
    }
}
