namespace PushPlatform.PushNode.Handshake;

internal enum AdmissionVerdict
{
    Admitted,

    /// <summary>More handshakes a second than this node takes.</summary>
    TooManyHandshakes,

    /// <summary>As many connections as this process can hold.</summary>
    TooManyConnections,
    Draining,
}

/// <summary>Who is let in: judged before anything costly is done, so that a storm of arrivals is answered and never hangs the node.</summary>
/// <param name="handshakesPerSecond">Sustained; a burst of as many is let in at once.</param>
/// <param name="maxConnections">At the same time.</param>
internal sealed class Admission(int handshakesPerSecond, int maxConnections, TimeProvider time)
{
    private const int MaxRetryAfterSeconds = 60;
    private const int DrainingRetryAfterSeconds = 2;

    private readonly Lock _gate = new();
    private double _tokens = handshakesPerSecond;
    private double _sentAway;
    private long _refilledAt = time.GetTimestamp();
    private int _connections;
    private long _changes;
    private volatile bool _leaving;
    private volatile bool _told;

    /// <summary>Every newcomer is turned away.</summary>
    public bool IsDraining => _leaving || _told;

    /// <summary>The process is ending.</summary>
    public bool IsLeaving => _leaving;

    /// <summary>The operator wants the node emptied; it may want it back.</summary>
    public bool ToldToDrain
    {
        get => _told;
        set => _told = value;
    }

    /// <summary>Open connections, upgraded or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public int MaxConnections => maxConnections;

    /// <summary>How often a connection was opened or ended so far.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>From now on every newcomer is turned away, for good.</summary>
    public void BeginDrain() => _leaving = true;

    /// <summary>A connection was opened. Each call has its <see cref="Leave"/>.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _changes);
    }

    public void Leave()
    {
        Interlocked.Decrement(ref _connections);
        Interlocked.Increment(ref _changes);
    }

    /// <param name="retryAfterSeconds">When not admitted: when to come back. Those turned away in a storm are spread over the time that their number needs.</param>
    public AdmissionVerdict Judge(out int retryAfterSeconds)
    {
        retryAfterSeconds = 0;
        if (IsDraining)
        {
            retryAfterSeconds = Random.Shared.Next(1, DrainingRetryAfterSeconds + 1);
            return AdmissionVerdict.Draining;
        }

        if (Connections > maxConnections)
        {
            retryAfterSeconds = Random.Shared.Next(MaxRetryAfterSeconds / 4, MaxRetryAfterSeconds + 1);
            return AdmissionVerdict.TooManyConnections;
        }

        lock (_gate)
        {
            Refill();
            if (_tokens >= 1)
            {
                _tokens--;
                return AdmissionVerdict.Admitted;
            }

            _sentAway++;
            double backlogSeconds = Math.Min(_sentAway / handshakesPerSecond, MaxRetryAfterSeconds - 1);
            retryAfterSeconds = 1 + (int)Math.Ceiling(Random.Shared.NextDouble() * backlogSeconds);
            return AdmissionVerdict.TooManyHandshakes;
        }
    }

    /// <summary>For <c>bye draining</c>: the other nodes are there, but not all vehicles need to knock in the same instant.</summary>
    public static TimeSpan ReconnectAfter() => TimeSpan.FromMilliseconds(Random.Shared.Next(DrainingRetryAfterSeconds * 1000));

    private void Refill()
    {
        long now = time.GetTimestamp();
        double earned = time.GetElapsedTime(_refilledAt, now).TotalSeconds * handshakesPerSecond;
        _tokens = Math.Min(handshakesPerSecond, _tokens + earned);
        _sentAway = Math.Max(0, _sentAway - earned);
        _refilledAt = now;
    }
}
