namespace PushPlatform.PushNode.Orders;

/// <summary>Redis' time as last heard, carried on by this machine's monotonic clock: what is compared with times on record must come from the same clock.</summary>
internal sealed class RedisClock(TimeProvider clock)
{
    private volatile Reading? _last;

    /// <summary>Redis time in µs; this machine's own until Redis was first heard.</summary>
    public long NowMicroseconds => _last is { } last
        ? last.Microseconds + (long)clock.GetElapsedTime(last.HeardAt).TotalMicroseconds
        : (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public DateTimeOffset Now => DateTimeOffset.UnixEpoch.AddTicks(NowMicroseconds * TimeSpan.TicksPerMicrosecond);

    public void Heard(long redisMicroseconds) => _last = new Reading(redisMicroseconds, clock.GetTimestamp());

    private sealed record Reading(long Microseconds, long HeardAt);
}
