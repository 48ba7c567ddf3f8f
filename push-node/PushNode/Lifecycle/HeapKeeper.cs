using Microsoft.Extensions.Hosting;
using PushPlatform.PushNode.Handshake;

namespace PushPlatform.PushNode.Lifecycle;

/// <summary>Gives back what a crowd that came or went has left in memory: a container is limited by it, and pods may be scaled by it.</summary>
/// <remarks>
/// The collector lets garbage lie until much more is allocated, and idle cars allocate next to nothing. That a crowd has come or gone is what only we know
/// (push-node/README.md, Decisions).
/// </remarks>
internal sealed class HeapKeeper(Admission admission, TimeProvider time) : BackgroundService
{
    /// <summary>Fewer connections that came or went are not worth a pause, nor is a smaller part of those that are there.</summary>
    private const int Crowd = 1000;
    private const int PartOfAll = 4;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Look, time);
        long collected = 0;
        long seen = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            long changes = admission.Changes;
            bool isOver = changes - seen < Crowd / 10;
            seen = changes;
            if (isOver && changes - collected >= Math.Max(Crowd, admission.Connections / PartOfAll))
            {
                collected = changes;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
    }
}
