using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Rabbit;

namespace PushPlatform.Delivery.Messages;

/// <summary>Wires direct messages into a host.</summary>
public static class MessageBusRegistration
{
    /// <summary>Registers <see cref="IMessageBus"/> over RabbitMQ, on connections of its own. Needs <see cref="TimeProvider"/> in the container.</summary>
    public static IServiceCollection AddMessageBus(this IServiceCollection services, Func<IServiceProvider, (string Uri, string ClientName)> settings)
    {
        services.TryAddSingleton<BusMetrics>();
        services.AddSingleton<IMessageBus>(provider =>
        {
            (string uri, string clientName) = settings(provider);
            return new RabbitMessageBus(
                uri,
                clientName,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RabbitMessageBus>>(),
                provider.GetRequiredService<BusMetrics>());
        });
        return services;
    }
}
