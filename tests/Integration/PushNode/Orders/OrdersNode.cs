using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Redis;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>The orders' side of one node, whole, on a real Redis; its connections are the test's cars.</summary>
internal sealed class OrdersNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly RedisStore _store;
    private bool _stopped;
    private bool _killed;

    private OrdersNode(ServiceProvider services, RedisStore store)
    {
        _services = services;
        _store = store;
    }

    public VehicleIndex Index => _services.GetRequiredService<VehicleIndex>();

    public IVehicleEvents Events => _services.GetRequiredService<IVehicleEvents>();

    public OrderBoard Board => _services.GetRequiredService<OrderBoard>();

    public Campaigns Campaigns => _services.GetRequiredService<Campaigns>();

    public IHealthSource Health => _services.GetRequiredService<IHealthSource>();

    public Beats Beats => _services.GetRequiredService<Beats>();

    public Rounds Rounds => _services.GetRequiredService<Rounds>();

    public string Name => _services.GetRequiredService<NodeIdentity>().Name;

    /// <param name="ledger">Wraps the real ledger, to break it at chosen points.</param>
    /// <param name="nodes">Wraps the real membership.</param>
    /// <param name="sessions">What the pool keeps apart.</param>
    public static async Task<OrdersNode> StartAsync(
        string redis, PoolName pool, IOrderBus bus, string pod, Func<IDeliveryLedger, IDeliveryLedger>? ledger = null, Func<INodeMembership, INodeMembership>? nodes = null,
        SessionMode sessions = SessionMode.Single)
    {
        RedisStore store = await RedisStore.ConnectAsync(redis, TimeProvider.System, NullLoggerFactory.Instance);
        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(store.Orders);
        services.AddSingleton(store.Vehicles);
        services.AddSingleton(store.Drains);
        services.AddSingleton(nodes?.Invoke(store.Nodes) ?? store.Nodes);
        services.AddSingleton(ledger?.Invoke(store.Ledger) ?? store.Ledger);
        services.AddSingleton(bus);
        services.AddSingleton<VehicleIndex>();
        services.AddSingleton<LoopPulses>();
        services.AddSingleton(new Admission(1000, 1000, TimeProvider.System));
        NodeOptions options = new() { Pool = pool, Name = pod, Sessions = sessions, Redis = redis, RabbitMq = "", Auth = AuthMode.None, Drain = TimeSpan.FromSeconds(2) };
        services.AddSingleton(options).AddSingleton<Farewells>();
        services.AddOrders(options);
        OrdersNode node = new(services.BuildServiceProvider(), store);
        foreach (IHostedService service in node._services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return node;
    }

    public static string Payload(WireFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes.Span;
        return Encoding.UTF8.GetString(bytes[(bytes[1] < 126 ? 2 : 4)..]);
    }

    public static string? DeliveryOf(string frame) => DeliveryOf(frame, "push");

    public static string? DeliveryOf(string frame, string type)
    {
        using JsonDocument json = JsonDocument.Parse(frame);
        return json.RootElement.GetProperty("type").GetString() == type ? json.RootElement.GetProperty("delivery").GetString() : null;
    }

    /// <summary>In order: what is in hand is settled.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        foreach (IHostedService service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Like SIGKILL: nothing more reaches Redis, and no connection is told.</summary>
    public async Task KillAsync()
    {
        foreach (CarLink link in Index.Links.OfType<CarLink>())
        {
            link.Break();
        }

        _killed = true;
        await _store.DisposeAsync();
        await _services.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_killed)
        {
            return;
        }

        if (!_stopped)
        {
            await StopAsync();
        }

        await _services.DisposeAsync();
        await _store.DisposeAsync();
    }
}
