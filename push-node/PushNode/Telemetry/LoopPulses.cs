using System.Collections.Concurrent;

namespace PushPlatform.PushNode.Telemetry;

/// <summary>The background loops of this process, each of which says that it lives: <c>/healthz</c> is about them alone.</summary>
internal sealed class LoopPulses(TimeProvider time)
{
    private readonly ConcurrentBag<LoopPulse> _pulses = [];

    /// <summary>Those that have been silent for longer than they may.</summary>
    public IEnumerable<string> Silent => _pulses.Where(pulse => pulse.IsSilent).Select(pulse => pulse.Loop);

    /// <param name="maxSilence">A loop that has not turned for this long hangs, and the process is to be replaced.</param>
    public LoopPulse Add(string loop, TimeSpan maxSilence)
    {
        LoopPulse pulse = new(loop, maxSilence, time);
        _pulses.Add(pulse);
        return pulse;
    }
}

internal sealed class LoopPulse(string loop, TimeSpan maxSilence, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    public string Loop { get; } = loop;

    public bool IsSilent => time.GetElapsedTime(Volatile.Read(ref _last)) > maxSilence;

    public void Beat() => Volatile.Write(ref _last, time.GetTimestamp());
}
