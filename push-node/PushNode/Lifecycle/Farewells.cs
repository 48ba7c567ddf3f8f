using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;

namespace PushPlatform.PushNode.Lifecycle;

/// <summary>Says <c>bye draining</c> to all vehicles, in jittered slices over the drain time, so that the other nodes are not overrun.</summary>
internal sealed class Farewells(VehicleIndex index, NodeOptions options, TimeProvider time)
{
    public static readonly TimeSpan SliceLength = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns when the last slice is told; their close handshakes may still be under way.</summary>
    /// <param name="goOn">Looked at before each slice: false, and whoever was not told yet stays.</param>
    /// <param name="cancellationToken">Gives up where it is.</param>
    public async Task SayAsync(Func<bool> goOn, CancellationToken cancellationToken)
    {
        IVehicleLink[] links = [.. index.Links];
        Random.Shared.Shuffle(links);
        int slices = Math.Max(1, (int)(options.Drain / SliceLength));
        int gone = 0;
        for (int slice = 1; slice <= slices && goOn(); slice++)
        {
            int until = (int)((long)links.Length * slice / slices);
            for (; gone < until; gone++)
            {
                links[gone].Close(CloseReason.Draining, Admission.ReconnectAfter());
            }

            if (gone < links.Length)
            {
                await Task.Delay(SliceLength * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
            }
        }
    }
}
