using Microsoft.AspNetCore.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.PushNode.Tls;

/// <summary>Takes a connection from Kestrel when TLS stands.</summary>
internal sealed class TlsVehicleHandler(VehicleHandler vehicles) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => vehicles.ServeAsync(new KestrelTransport(connection));
}
