using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.LocalCluster.Servers;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>A real Redis that all specs of one kind share: each test uses a pool of its own.</summary>
public abstract class RedisFixture : IAsyncLifetime
{
    private int _pools;

    public abstract string ConnectionString { get; }

    /// <summary>One node's store.</summary>
    public RedisStore Store { get; private set; } = null!;

    /// <summary>Another node's.</summary>
    public RedisStore Second { get; private set; } = null!;

    /// <summary>For looking at keys behind the store's back.</summary>
    public ConnectionMultiplexer Raw { get; private set; } = null!;

    public PoolName NewPool() => new("specs", $"pool-{Interlocked.Increment(ref _pools)}");

    public async ValueTask InitializeAsync()
    {
        await StartServersAsync();
        Store = await RedisStore.ConnectAsync(ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        Second = await RedisStore.ConnectAsync(ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        Raw = await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},allowAdmin=true");
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Second.DisposeAsync();
        await Raw.CloseAsync(allowCommandsToComplete: false);
        await StopServersAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Deletes everything on every master.</summary>
    public async Task FlushAsync()
    {
        foreach (System.Net.EndPoint point in Raw.GetEndPoints())
        {
            await Raw.GetServer(point).FlushDatabaseAsync();
        }
    }

    protected abstract Task StartServersAsync();

    protected abstract ValueTask StopServersAsync();
}

public sealed class SingleRedis : RedisFixture
{
    private RedisServer _server = null!;

    public override string ConnectionString => _server.ConnectionString;

    protected override async Task StartServersAsync() => _server = await RedisServer.StartAsync();

    protected override ValueTask StopServersAsync() => _server.DisposeAsync();
}

public sealed class ClusteredRedis : RedisFixture
{
    private RedisCluster _cluster = null!;

    public override string ConnectionString => _cluster.ConnectionString;

    protected override async Task StartServersAsync() => _cluster = await RedisCluster.StartAsync();

    protected override ValueTask StopServersAsync() => _cluster.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class SingleRedisGroup : ICollectionFixture<SingleRedis>
{
    public const string Name = "single Redis";
}

[CollectionDefinition(Name)]
public sealed class ClusteredRedisGroup : ICollectionFixture<ClusteredRedis>
{
    public const string Name = "Redis Cluster";
}
