using Microsoft.Extensions.DependencyInjection;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Lifecycle;

namespace PushPlatform.PushNode.Orders;

/// <summary>Registers what carries out orders.</summary>
internal static class OrdersRegistration
{
    /// <summary>Adds it, with the <see cref="IVehicleEvents"/> that connections tell; needs the connections' side, the store and the bus beside it.</summary>
    public static IServiceCollection AddOrders(this IServiceCollection services, NodeOptions options)
    {
        services.AddSingleton(new NodeIdentity(
            options.Pool, options.Sessions, options.Name, Guid.NewGuid().ToString("N")[..8], (int)Math.Ceiling(options.HeartbeatInterval.TotalSeconds), options.Drain));
        services.AddMetrics();
        services.AddSingleton<OrderMetrics>();
        services.AddSingleton<StoreContact>();
        services.AddSingleton<RedisClock>();
        services.AddSingleton(provider => new OrderBoard(provider.GetRequiredService<NodeIdentity>().Pool));
        services.AddSingleton<Spacing>();
        services.AddSingleton<Campaigns>();
        services.AddSingleton<RegistryWriter>();
        services.AddSingleton<Kicks>();
        services.AddSingleton<Arrivals>();
        services.AddSingleton<AckRecorder>();
        services.AddSingleton<Rounds>();
        services.AddSingleton<OrderedDrain>();
        services.AddSingleton<IHealthSource>(provider => provider.GetRequiredService<OrderedDrain>());
        services.AddSingleton<OrderFollower>();
        services.AddSingleton<Beats>();
        services.AddSingleton<Evacuation>();
        services.AddSingleton<Walker>();
        services.AddSingleton<IVehicleEvents, VehicleEvents>();
        services.AddSingleton<OrderLoops>();
        services.AddSingleton<OrderQueues>();
        services.AddSingleton<OrderExecution>();
        services.AddHostedService(provider => provider.GetRequiredService<OrderExecution>());
        services.AddSingleton<IHealthSource, OrderHealth>();
        return services;
    }
}
