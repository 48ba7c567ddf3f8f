using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Redis;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Hosting;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Integration.PushNode.Orders;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A node as its process has it, connections and orders, on a real Redis; only the bus is in memory, and no service listens.</summary>
internal sealed class WholeNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WholeNode(WebApplication app)
    {
        _app = app;
        (Vehicles, Health) = app.EndPoints();
    }

    public IPEndPoint Vehicles { get; }

    public IPEndPoint Health { get; }

    public VehicleIndex Index => _app.Services.GetRequiredService<VehicleIndex>();

    public string Name => _app.Services.GetRequiredService<NodeIdentity>().Name;

    /// <param name="options">Its pool and Redis are those of <paramref name="pool"/>.</param>
    public static async Task<WholeNode> StartAsync(TestPool pool, string redis, NodeOptions options)
    {
        NodeOptions own = options with { Pool = pool.Name, Redis = redis };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRedisDelivery(redis).AddSingleton<IOrderBus>(pool.Bus).AddOrders(own).AddSingleton<IVehicleMessages, NoServices>();
        builder.AddVehicles(own);
        WebApplication app = builder.Build();
        app.MapHealth();
        await app.StartAsync();
        return new WholeNode(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class NoServices : IVehicleMessages
    {
        public void Said(IVehicleLink link, MessageFrame message)
        {
        }
    }
}
