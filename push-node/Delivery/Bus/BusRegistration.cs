using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.Delivery.Telemetry;

namespace PushPlatform.Delivery.Bus;

/// <summary>Wires the bus into a host.</summary>
public static class BusRegistration
{
    /// <summary>Registers <see cref="IOrderBus"/> over RabbitMQ. Needs <see cref="TimeProvider"/> in the container.</summary>
    public static IServiceCollection AddOrderBus(this IServiceCollection services, Func<IServiceProvider, (string Uri, string ClientName)> settings)
    {
        services.AddDependencyMetrics().TryAddSingleton<BusMetrics>();
        services.AddSingleton<IOrderBus>(provider =>
        {
            (string uri, string clientName) = settings(provider);
            RabbitOrderBus bus = new(
                uri,
                clientName,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RabbitOrderBus>>(),
                provider.GetRequiredService<BusMetrics>());
            provider.GetRequiredService<DependencyMetrics>().Watch("rabbitmq", () => bus.Fault);
            return bus;
        });
        return services;
    }
}
