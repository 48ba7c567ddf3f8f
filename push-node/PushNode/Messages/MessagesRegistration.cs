using Microsoft.Extensions.DependencyInjection;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Lifecycle;

namespace PushPlatform.PushNode.Messages;

/// <summary>Registers what carries direct messages.</summary>
internal static class MessagesRegistration
{
    /// <summary>Adds it, with the <see cref="IVehicleMessages"/> that connections tell; needs the other two sides and the message bus beside it.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MessageMetrics>();
        services.AddSingleton<Uplink>();
        services.AddSingleton<IVehicleMessages>(provider => provider.GetRequiredService<Uplink>());
        services.AddSingleton<Downlink>();
        services.AddSingleton<MessageExchange>();
        services.AddHostedService(provider => provider.GetRequiredService<MessageExchange>());
        services.AddSingleton<IHealthSource>(provider => provider.GetRequiredService<MessageExchange>());
        return services;
    }
}
