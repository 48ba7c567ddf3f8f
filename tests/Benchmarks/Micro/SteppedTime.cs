namespace PushPlatform.Benchmarks.Micro;

/// <summary>A clock that stands still between steps.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Step(TimeSpan by) => _now += by.Ticks;
}
