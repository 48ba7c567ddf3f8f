using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Tests.Integration.Delivery;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>One RabbitMQ for all stories: each has a pool of its own, and so exchanges of its own. Started when the first one asks.</summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private static readonly Lazy<Task<RabbitServer>> Server = new(() => RabbitServer.StartAsync());

    public static async Task<string> UriAsync() => (await Server.Value).Uri;

    /// <summary>As a process has it.</summary>
    public static RabbitOrderBus NewBus(string uri) => new(
        uri,
        "tests",
        TimeProvider.System,
        NullLogger<RabbitOrderBus>.Instance,
        new BusMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()));

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated)
        {
            await (await Server.Value).DisposeAsync();
        }
    }
}
