namespace PushPlatform.PushNode.Connections;

/// <summary>Whether a link is alive (G7): a ping after each interval, dead when one stays without any sign of life for the time-out.</summary>
/// <remarks><see cref="Heard"/> may be called at any time from any thread; the rest by the wheel alone.</remarks>
internal sealed class Liveness(TimeSpan interval, TimeSpan timeout)
{
    private bool _heard = true;
    private TimeSpan _nextPing;
    private TimeSpan _silentSince;

    /// <param name="firstPing">Random within the interval: after a mass reconnect not all are pinged at the same moment.</param>
    public void Start(TimeSpan firstPing) => _nextPing = firstPing;

    /// <summary>Anything at all came from the vehicle.</summary>
    public void Heard() => Volatile.Write(ref _heard, true);

    /// <param name="now">On the clock of the wheel.</param>
    /// <param name="wait">Until the next call.</param>
    public LivenessVerdict Judge(TimeSpan now, out TimeSpan wait)
    {
        LivenessVerdict verdict = LivenessVerdict.Fine;
        if (!Volatile.Read(ref _heard) && now - _silentSince >= timeout)
        {
            wait = interval;
            return LivenessVerdict.Dead;
        }

        if (now >= _nextPing)
        {
            verdict = LivenessVerdict.Ping;
            _nextPing += interval;
            if (_nextPing <= now)
            {
                _nextPing = now + interval;
            }

            // The time-out runs from the oldest ping without a sign of life after it.
            if (Interlocked.Exchange(ref _heard, false))
            {
                _silentSince = now;
            }
        }

        TimeSpan deadline = Volatile.Read(ref _heard) ? TimeSpan.MaxValue : _silentSince + timeout;
        wait = (deadline < _nextPing ? deadline : _nextPing) - now;
        return verdict;
    }
}

internal enum LivenessVerdict
{
    Fine,

    /// <summary>Send a ping now.</summary>
    Ping,
    Dead,
}
