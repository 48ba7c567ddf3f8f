using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Redis;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.LocalCluster.Servers;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>What a node lives through when its Redis goes and comes back.</summary>
public sealed class RedisConnectionTests
{
    private static readonly PoolName Pool = new("specs", "connection");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_RedisNotThereYet_StartsFailsCallsAndRecovers()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await redis.StopAsync();
        await using RedisStore store = await ConnectAsync(redis);

        await ShouldFailInTimeAsync(store);
        store.Fault.ShouldNotBeNull();
        await redis.StartAgainAsync(Token);

        await UntilAsync(store, well: true);
        (await store.Orders.ReadAsync(Pool, Token)).Seq.ShouldBe(0);
    }

    [Fact]
    public async Task Redis_KilledAndStartedAgain_IsUsedAgain()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using RedisStore store = await ConnectAsync(redis);
        await store.Orders.ReadAsync(Pool, Token);

        await redis.KillAsync();
        await ShouldFailInTimeAsync(store);
        await UntilAsync(store, well: false);
        await redis.StartAgainAsync(Token);

        await UntilAsync(store, well: true);
        await store.Orders.ReadAsync(Pool, Token);
    }

    [Fact]
    public async Task Redis_SilentWithItsConnectionsOpen_CallsEndInTimeAndItIsUsedAgain()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using RedisStore store = await ConnectAsync(redis);

        redis.Pause();
        await ShouldFailInTimeAsync(store);
        await UntilAsync(store, well: false);
        redis.Resume();

        await UntilAsync(store, well: true);
        await store.Orders.ReadAsync(Pool, Token);
    }

    [Fact]
    public async Task Link_SwallowsEverythingWithoutAFin_IsBuiltAnew()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using FaultyLink link = FaultyLink.To(redis.Port);
        await using RedisStore store = await RedisStore.ConnectAsync(link.Address, TimeProvider.System, NullLoggerFactory.Instance, Token);
        await store.Orders.ReadAsync(Pool, Token);

        link.Forget();

        // Only a new connection gets through: the old one stays open and silent for as long as TCP likes.
        await UntilAsync(store, well: false);
        await UntilAsync(store, well: true);
        await store.Orders.ReadAsync(Pool, Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("password=x")]
    [InlineData("localhost:6379,nonsense=1")]
    public void Open_BadConnectionString_IsRefused(string connectionString) =>
        Should.Throw<ArgumentException>(() => RedisStore.Open(connectionString, TimeProvider.System, NullLoggerFactory.Instance));

    [Fact]
    public async Task AddRedisDelivery_InAContainer_GivesOneStoreWithFiveFaces()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddRedisDelivery(redis.ConnectionString).BuildServiceProvider();
        (await services.GetRequiredService<INodeMembership>().LiveNodesAsync(Pool, Token)).ShouldBeEmpty();
        services.GetRequiredService<INodeMembership>().ShouldBeSameAs(services.GetRequiredService<RedisStore>().Nodes);
    }

    private static Task<RedisStore> ConnectAsync(RedisServer redis) =>
        RedisStore.ConnectAsync(redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance, Token);

    // Far below the quarter of an hour that TCP takes, far above what a loaded machine adds to the 2 s of a call.
    private static async Task ShouldFailInTimeAsync(RedisStore store)
    {
        long began = Stopwatch.GetTimestamp();
        await Should.ThrowAsync<StoreUnavailableException>(() => store.Orders.ReadAsync(Pool, Token));
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    private static async Task UntilAsync(RedisStore store, bool well)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (store.Fault is null != well)
        {
            await Task.Delay(20, deadline.Token);
        }
    }
}
