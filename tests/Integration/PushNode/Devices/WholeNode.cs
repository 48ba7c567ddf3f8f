using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Redis;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Hosting;
using PushPlatform.PushNode.Orders;

namespace PushPlatform.Tests.Integration.PushNode.Devices;

/// <summary>A node as the program puts it together, both sides, on a real Redis and with real sockets; only its bus is the test's.</summary>
internal sealed class WholeNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WholeNode(WebApplication app)
    {
        _app = app;
        (Vehicles, _) = app.EndPoints();
    }

    public IPEndPoint Vehicles { get; }

    public VehicleIndex Index => _app.Services.GetRequiredService<VehicleIndex>();

    public string Name => _app.Services.GetRequiredService<NodeIdentity>().Name;

    public static async Task<WholeNode> StartAsync(string redis, PoolName pool, SessionMode sessions, IOrderBus bus, string pod)
    {
        NodeOptions options = TestNode.Options with { Pool = pool, Name = pod, Redis = redis, Sessions = sessions };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(bus);
        builder.Services.AddRedisDelivery(options.Redis).AddOrders(options);
        builder.AddVehicles(options);
        WebApplication app = builder.Build();
        await app.StartAsync();
        return new WholeNode(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
