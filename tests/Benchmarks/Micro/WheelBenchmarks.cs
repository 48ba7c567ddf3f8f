using BenchmarkDotNet.Attributes;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.Benchmarks.Micro;

/// <summary>One tick of the wheel that carries every car's heartbeat: a fiftieth of the cars is due at each.</summary>
public class WheelBenchmarks
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly SteppedTime _time = new();
    private TimingWheel _wheel = null!;

    [Params(15_000, 100_000)]
    public int Cars { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _wheel = new TimingWheel(_time);
        for (int car = 0; car < Cars; car++)
        {
            _wheel.Wake(new Beat(), Interval * car / Cars);
        }
    }

    [Benchmark]
    public void Tick()
    {
        _time.Step(TimingWheel.Tick);
        _wheel.Advance(static fault => throw new InvalidOperationException("An entry failed.", fault));
    }

    private sealed class Beat : WheelEntry
    {
        protected internal override TimeSpan? OnDue() => Interval;
    }
}
