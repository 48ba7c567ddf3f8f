using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Connections;

/// <summary>Turns the wheel: the only timer that connections have.</summary>
internal sealed class WheelLoop(TimingWheel wheel, LoopPulses pulses, TimeProvider time, ILogger<WheelLoop> logger) : BackgroundService
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LoopPulse pulse = pulses.Add("wheel", MaxSilence);
        using PeriodicTimer timer = new(TimingWheel.Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            wheel.Advance(logger.WheelEntryFailed);
            pulse.Beat();
        }
    }
}
