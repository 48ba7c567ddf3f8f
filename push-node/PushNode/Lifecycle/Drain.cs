using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Lifecycle;

/// <summary>Sends all vehicles away when the node is told to stop.</summary>
/// <remarks>
/// In <see cref="StoppingAsync"/>, because the vehicle port is the first to stop after that, and cuts or waits for what is still open. The orders' side settles what is in
/// hand in its own StopAsync, when no vehicle is left that could add to it.
/// </remarks>
internal sealed class Drain(VehicleIndex index, Admission admission, Farewells farewells, NodeOptions options, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    /// <summary>What stopping may take beyond the slices: the last close handshakes, and the orders' side.</summary>
    public static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(20);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        admission.BeginDrain();
        logger.DrainBegins(index.Count, options.Drain);
        try
        {
            await farewells.SayAsync(static () => true, cancellationToken);
            await AllGoneAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Out of time: the host closes what is left, and the vehicles come back as from a broken link.
        }

        logger.DrainEnds(index.Count, time.GetElapsedTime(began));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AllGoneAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50), time);
        long began = time.GetTimestamp();
        while (index.Count > 0 && time.GetElapsedTime(began) < VehicleConnection.CloseWithin + TimingWheel.Tick)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
