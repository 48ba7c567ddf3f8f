using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Hosting;

internal sealed class WelcomeOnly(NodeOptions options) : IVehicleEvents
{
    public void Arrived(IVehicleLink link, HelloFrame hello) => link.TrySend(NodeFrames.Welcome("0", 0, (int)options.HeartbeatInterval.TotalSeconds));

    public bool Acked(IVehicleLink link, AckFrame ack) => true;

    public ValueTask AcksAccepted(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Moved(IVehicleLink link)
    {
    }

    public void Relabelled(IVehicleLink link)
    {
    }

    public void Left(IVehicleLink link)
    {
    }
}
