using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Orders;

/// <summary>A node that has been without Redis for a minute sends its vehicles away, slowly; it goes on trying for those that come back.</summary>
internal sealed class Evacuation(NodeIdentity node, Beats beats, VehicleIndex index, TimeProvider clock, ILogger<Evacuation> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>With jitter up to twice this: all at once they would fall upon the other nodes.</summary>
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(Period, clock, stop);
            if (ContactRules.ShouldSendAway(beats.Silence))
            {
                Log.SendingAway(log, index.Count);
                await SendAwayAsync(stop);
            }
        }
    }

    private async Task SendAwayAsync(CancellationToken stop)
    {
        Queue<IVehicleLink> toGo = new(index.Links);
        int atFirst = toGo.Count;
        long began = clock.GetTimestamp();
        while (toGo.Count > 0 && ContactRules.ShouldSendAway(beats.Silence))
        {
            int toBeGone = ContactRules.GoneBy(atFirst, clock.GetElapsedTime(began) + Period, node.Drain);
            while (toGo.Count > atFirst - toBeGone)
            {
                toGo.Dequeue().Close(CloseReason.Draining, ComeBackAfter * (1 + Random.Shared.NextDouble()));
            }

            await Task.Delay(Period, clock, stop);
        }
    }
}
