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
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Look, time);
        Crowds crowds = new();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (crowds.HasPassed(admission.Changes, admission.Connections))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
    }
}

/// <summary>Tells a crowd from the coming and going of every day. Asked about once a second.</summary>
internal sealed class Crowds
{
    /// <summary>Connections: fewer that came or went are not worth a pause, nor is a smaller part of those that are there.</summary>
    public const int Least = 1000;
    public const int PartOfAll = 4;

    /// <summary>Since the last look: while more of them come or go it is not over.</summary>
    public const int StillPassing = 100;

    private long _seen;
    private long _noted;
    private bool _came;

    /// <param name="changes">Connections that came and that went, since ever.</param>
    /// <param name="connections">Open now.</param>
    /// <returns>True once for each crowd, when the last of it has come or gone.</returns>
    public bool HasPassed(long changes, int connections)
    {
        bool passing = changes - _seen >= StillPassing;
        _came |= passing;
        _seen = changes;
        if (passing || !_came || changes - _noted < Math.Max(Least, connections / PartOfAll))
        {
            return false;
        }

        _noted = changes;
        _came = false;
        return true;
    }
}
