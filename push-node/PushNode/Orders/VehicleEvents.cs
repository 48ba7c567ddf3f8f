using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>Takes what happens on connections to those whom it concerns.</summary>
internal sealed class VehicleEvents(Arrivals arrivals, AckRecorder acks, RegistryWriter writer, Campaigns campaigns) : IVehicleEvents
{
    /// <inheritdoc/>
    public void Arrived(IVehicleLink link, HelloFrame hello) => arrivals.Add(link, hello);

    /// <inheritdoc/>
    public bool Acked(IVehicleLink link, AckFrame ack) => LocalVehicle.Of(link) is not { } vehicle || acks.TryAdd(vehicle, ack);

    /// <inheritdoc/>
    public ValueTask AcksAccepted(IVehicleLink link, CancellationToken cancellationToken) =>
        LocalVehicle.Of(link) is { } vehicle ? acks.RoomAsync(vehicle, cancellationToken) : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Moved(IVehicleLink link) => Report(link);

    /// <inheritdoc/>
    public void Relabelled(IVehicleLink link) => Report(link);

    /// <inheritdoc/>
    public void Left(IVehicleLink link)
    {
        if (LocalVehicle.Of(link) is not { } vehicle)
        {
            return;
        }

        vehicle.Leave();
        foreach (CampaignRunner runner in campaigns.Running)
        {
            runner.Roster.Left(runner.Order, vehicle);
        }

        writer.Left(vehicle);
    }

    private void Report(IVehicleLink link)
    {
        if (LocalVehicle.Of(link) is not { } vehicle)
        {
            return;
        }

        writer.Reported(vehicle);
        foreach (CampaignRunner runner in campaigns.Running)
        {
            runner.Changed(vehicle);
        }
    }
}
