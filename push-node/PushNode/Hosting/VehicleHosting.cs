using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Telemetry;
using PushPlatform.PushNode.Tls;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.PushNode.Hosting;

/// <summary>Puts the connections' side of a node together. The orders' side adds its <see cref="IVehicleEvents"/>.</summary>
internal static class VehicleHosting
{
    /// <summary>With TLS, beyond this a send does not complete at once and the outbox takes over.</summary>
    private const int WriteBuffer = 16 * 1024;

    public static void AddVehicles(this WebApplicationBuilder builder, NodeOptions options)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<LoopPulses>();
        services.AddSingleton<TimingWheel>();
        services.AddSingleton<VehicleIndex>();
        services.AddSingleton<NodeMetrics>();
        services.AddPushTelemetry(options.Telemetry, Identity(options));
        services.AddSingleton<VehicleRoom>();
        services.AddSingleton<Farewells>();
        services.AddSingleton(provider =>
            new Admission(options.HandshakesPerSecond, DescriptorLimit.MaxConnections(), provider.GetRequiredService<TimeProvider>()));
        services.AddAuthentication(options);
        services.AddTls(options);
        services.AddHostedService<WheelLoop>();
        services.AddHostedService<Drain>();
        services.AddHostedService<HeapKeeper>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + Drain.Afterwards);
        services.AddSingleton<VehicleHandler>();
        if (options.TlsFolder is null)
        {
            // The last of our services that starts, the first of them that stops: the others are there as long as there are vehicles.
            services.AddSingleton<VehicleListener>();
            services.AddHostedService(provider => provider.GetRequiredService<VehicleListener>());
        }

        builder.WebHost.UseSockets(sockets =>
        {
            sockets.Backlog = VehicleListener.Backlog;
            sockets.MaxReadBufferSize = SocketInput.BufferSize;
            sockets.MaxWriteBufferSize = WriteBuffer;
            sockets.CreateBoundListenSocket = endpoint =>
            {
                Socket listener = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                listener.SendBufferSize = VehicleListener.SendBuffer;
                return listener;
            };
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.BindAddress, options.HealthPort, listen => listen.Protocols = HttpProtocols.Http1);
            if (options.TlsFolder is not null)
            {
                kestrel.Listen(options.BindAddress, options.VehiclePort, listen =>
                {
                    listen.ApplicationServices.GetRequiredService<TlsEntrance>().Guard(listen);
                    listen.UseConnectionHandler<TlsVehicleHandler>();
                });
            }
        });
    }

    /// <summary>Where vehicles and probes find the node; known once it has started.</summary>
    public static (IPEndPoint Vehicles, IPEndPoint Health) EndPoints(this WebApplication node)
    {
        IPEndPoint[] bound = [.. node.Urls.Select(url => new Uri(url)).Select(url => new IPEndPoint(IPAddress.Parse(url.Host), url.Port))];
        return (node.Services.GetService<VehicleListener>()?.EndPoint ?? bound[1], bound[0]);
    }

    private static TelemetryIdentity Identity(NodeOptions options) => new(
        "push-node", options.Name, new Dictionary<string, object> { ["push.pool"] = options.Pool.ToString() });

    private static void AddAuthentication(this IServiceCollection services, NodeOptions options)
    {
        if (options.Auth == AuthMode.None)
        {
            services.AddSingleton<IVehicleAuthenticator>(new NoAuthenticator(options.Roles));
            return;
        }

        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<KeyFile>(provider, options.AuthKeysFile!));
        services.AddSingleton<IHealthSource>(provider => provider.GetRequiredService<KeyFile>());
        services.AddHostedService(provider => provider.GetRequiredService<KeyFile>());
        services.AddSingleton<IVehicleAuthenticator>(provider =>
        {
            KeyFile file = provider.GetRequiredService<KeyFile>();
            return new TokenAuthenticator(() => file.Keys, options.Roles, provider.GetRequiredService<TimeProvider>());
        });
    }

    private static void AddTls(this IServiceCollection services, NodeOptions options)
    {
        if (options.TlsFolder is not { } folder)
        {
            return;
        }

        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CertificateFolder>(provider, folder));
        services.AddSingleton<IHealthSource>(provider => provider.GetRequiredService<CertificateFolder>());
        services.AddHostedService(provider => provider.GetRequiredService<CertificateFolder>());
        services.AddSingleton<TlsEntrance>();
    }
}
