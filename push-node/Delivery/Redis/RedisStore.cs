using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Telemetry;

namespace PushPlatform.Delivery.Redis;

/// <summary>The truth in Redis, over one connection. Starts and goes on while Redis is down: calls then throw <see cref="StoreUnavailableException"/>.</summary>
public sealed class RedisStore : IAsyncDisposable
{
    private readonly RedisConnection _connection;

    private RedisStore(RedisConnection connection, TimeProvider time)
    {
        _connection = connection;
        Orders = new RedisOrderBook(connection);
        Vehicles = new RedisVehicleRegistry(connection, time);
        Nodes = new RedisNodeMembership(connection);
        Drains = new RedisDrainList(connection);
        Ledger = new RedisDeliveryLedger(connection);
        Control = new RedisLedgerControl(connection);
        Inquiry = new RedisLedgerInquiry(connection);
    }

    public IOrderBook Orders { get; }

    public IVehicleRegistry Vehicles { get; }

    public INodeMembership Nodes { get; }

    public IDrainList Drains { get; }

    public IDeliveryLedger Ledger { get; }

    public ILedgerControl Control { get; }

    public ILedgerInquiry Inquiry { get; }

    /// <summary>Null while well; otherwise what is wrong, in words for health and conditions.</summary>
    public string? Fault => _connection.Fault;

    /// <summary>Begins to connect and returns at once; calls wait for the first attempt, at most 2 s.</summary>
    /// <param name="connectionString"><c>host:port[,host:port][,password=…][,ssl=true]</c>; of a Cluster any of its nodes.</param>
    /// <exception cref="ArgumentException">The connection string is not understood.</exception>
    public static RedisStore Open(string connectionString, TimeProvider time, ILoggerFactory loggers) =>
        new(new RedisConnection(connectionString, time, loggers.CreateLogger<RedisStore>()), time);

    /// <summary>As <see cref="Open"/>, and waits until the first attempt to connect has ended, well or not.</summary>
    /// <exception cref="ArgumentException">The connection string is not understood.</exception>
    public static async Task<RedisStore> ConnectAsync(
        string connectionString, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken = default)
    {
        RedisStore store = Open(connectionString, time, loggers);
        await store._connection.FirstAttempt.WaitAsync(cancellationToken);
        return store;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}

/// <summary>The store for a host's container.</summary>
public static class RedisStoreServices
{
    /// <summary>Adds <see cref="RedisStore"/> and its seven faces as singletons over one connection.</summary>
    public static IServiceCollection AddRedisDelivery(this IServiceCollection services, string connectionString) => services
        .AddDependencyMetrics()
        .AddSingleton(provider =>
        {
            RedisStore store = RedisStore.Open(
                connectionString, provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILoggerFactory>());
            provider.GetRequiredService<DependencyMetrics>().Watch("redis", () => store.Fault);
            return store;
        })
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Orders)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Vehicles)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Nodes)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Drains)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Ledger)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Control)
        .AddSingleton(provider => provider.GetRequiredService<RedisStore>().Inquiry);
}
