using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.PushNode.Orders;
using Shouldly;
using StackExchange.Redis;
using Xunit;
using Order = PushPlatform.Delivery.Orders.Order;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>A car whose node cannot reach Redis goes to another node; then what the first one asked for gets through after all.</summary>
public sealed class LateArrivalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CarLeavesANodeInASilentPartition_WhatThatNodeAskedForComesLate_TheCarKeepsTheConnectionThatItHas()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using FaultyLink link = FaultyLink.To(redis.Port);
        await using TestPool pool = await TestPool.StartAsync(redis.ConnectionString);
        OrdersNode there = await pool.AddNodeAsync("there");
        await using OrdersNode cutOff = await OrdersNode.StartAsync(link.Address, pool.Name, pool.Bus, "cut-off");
        Car car = new("car-0");
        await TestPool.ConnectAsync(cutOff, [car]);
        using ConnectionMultiplexer raw = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        IServer server = raw.GetServer(raw.GetEndPoints()[0]);
        await server.ConfigSetAsync("slowlog-log-slower-than", 0);
        await server.ConfigSetAsync("slowlog-max-len", 100_000);

        // It says hello on a node that cannot register it, tries for a while, and goes elsewhere.
        car.Link.Leave();
        await TestPool.UntilAsync(async () => (await FindAsync(pool, car))!.Holder is null, "the car is gone");
        link.Silence();
        CarLink first = car.ConnectTo(cutOff);
        await TestPool.UntilAsync(() => first.Welcomes.Any(), "a provisional welcome: nothing came of the first try to register it");
        first.Leave();
        await TestPool.ConnectAsync(there, [car]);
        long session = LocalVehicle.Of(car.Link)!.Session;

        await server.SlowlogResetAsync();
        link.Heal();
        await TestPool.UntilAsync(async () => await IsAskedAsync(server, cutOff.Name, car), "what lay in the link has come");
        await TestPool.UntilAsync(() => !cutOff.Beats.CutOff, "the node is back");

        (await pool.Store.Vehicles.ConfirmAsync(pool.Name, Shards.Of(car.Vid), there.Name, [new VehicleSession(car.Vid, session)], Token)).ShouldBeEmpty();
        (await FindAsync(pool, car))!.Holder.ShouldBe(new Holder(there.Name, session));
        car.Link.ClosedBy.ShouldBeNull();
    }

    [Fact]
    public async Task ANewerConnectionEndsBeforeItsNodeHeardOfItsSession_TheOneThatTheCarHasGoesOn_AndIsTold()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        await using TestPool pool = await TestPool.StartAsync(redis.ConnectionString);
        OrdersNode node = await pool.AddNodeAsync("node");
        Car car = new("car-0");
        await TestPool.ConnectAsync(node, [car]);
        int shard = Shards.Of(car.Vid);
        Arrived other = (await pool.Store.Vehicles.ArriveAsync(pool.Name, shard, "other", [new Arrival(car.Vid, null, null)], Token))[0];
        await pool.Store.Vehicles.LeaveAsync(pool.Name, shard, [new VehicleSession(car.Vid, other.Session)], Token);

        node.Rounds.Hurry();
        await TestPool.UntilAsync(() => LocalVehicle.Of(car.Link)!.Session > other.Session, "the connection has a session that is newer still");

        (await FindAsync(pool, car))!.Holder.ShouldBe(new Holder(node.Name, LocalVehicle.Of(car.Link)!.Session));
        Order order = await pool.FreezeListAsync(TestPool.NewOrder(), [car]);
        await pool.OpenAsync(order);
        await pool.UntilDeliveredAsync(order, 1);
        car.Link.ClosedBy.ShouldBeNull();
        car.Pushes.ShouldBe(1);
    }

    /// <summary>Redis was asked for something that names both.</summary>
    private static async Task<bool> IsAskedAsync(IServer server, string node, Car car) =>
        (await server.SlowlogGetAsync(100_000)).Any(asked => asked.Arguments.Contains(node) && asked.Arguments.Contains(car.Vid));

    private static async Task<KnownVehicle?> FindAsync(TestPool pool, Car car) =>
        (await pool.Store.Vehicles.FindAsync(pool.Name, Shards.Of(car.Vid), [car.Vid], Token))[0];
}
