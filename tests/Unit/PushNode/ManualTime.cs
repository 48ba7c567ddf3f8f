namespace PushPlatform.Tests.Unit.PushNode;

/// <summary>A clock that only tests turn. It has no timers: what it is used for asks it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-06-01T00:00:00Z");

    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + _passed;

    public override long GetTimestamp() => _passed.Ticks + 1;

    public void Pass(TimeSpan time) => _passed += time;
}
