using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Registry;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Arrivals that are carried out late, or whose answer is lost: the connection that a vehicle really has stays its newest.</summary>
public abstract class LateArrivalSpec(RedisFixture redis)
{
    private const string Vid = "vin-1";

    private readonly PoolName _pool = redis.NewPool();

    private static int Shard => Shards.Of(Vid);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IVehicleRegistry Vehicles => redis.Store.Vehicles;

    [Fact]
    public async Task Arrive_CarriedOutAfterItsTime_ChangesNothing()
    {
        Arrived there = await ArriveAsync("n2");

        RedisResult[] reply = await ArriveAsync("n1", notAfter: there.Session);

        long.Parse((string)reply.ShouldHaveSingleItem()).ShouldBeGreaterThan(there.Session);
        await HoldsAsync("n2", there.Session);
        (await ConfirmAsync("n2", there.Session)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Arrive_InItsTime_IsCarriedOut()
    {
        Arrived there = await ArriveAsync("n2");

        RedisResult[] reply = await ArriveAsync("n1", notAfter: there.Session + 60_000_000);

        await HoldsAsync("n1", (long)reply[1]);
    }

    [Fact]
    public async Task Confirm_ANewerSessionThatLeft_GoesOnUnderANewerOne()
    {
        Arrived there = await ArriveAsync("n2");
        Arrived ghost = await ArriveAsync("n1");
        await Vehicles.LeaveAsync(_pool, Shard, [new VehicleSession(Vid, ghost.Session)], Token);

        long renewed = (await ConfirmAsync("n2", there.Session)).ShouldHaveSingleItem().Session;

        renewed.ShouldBeGreaterThan(ghost.Session);
        await HoldsAsync("n2", renewed);
        (await ConfirmAsync("n2", renewed)).ShouldBeEmpty();
        (await ArriveAsync("n1")).Session.ShouldBeGreaterThan(renewed);
    }

    [Fact]
    public async Task Confirm_TheAnswerWithTheNewerSessionWasLost_TellsItAgain()
    {
        Arrived there = await ArriveAsync("n2");
        Arrived ghost = await ArriveAsync("n1");
        await Vehicles.LeaveAsync(_pool, Shard, [new VehicleSession(Vid, ghost.Session)], Token);
        long lost = (await ConfirmAsync("n2", there.Session)).ShouldHaveSingleItem().Session;

        (await ConfirmAsync("n2", there.Session)).ShouldBe([new Superseded(Vid, lost)]);

        await HoldsAsync("n2", lost);
    }

    private async Task<Arrived> ArriveAsync(string node) =>
        (await Vehicles.ArriveAsync(_pool, Shard, node, [new Arrival(Vid, null, null)], Token)).ShouldHaveSingleItem();

    /// <summary>As Redis carries it out, whenever it does.</summary>
    private async Task<RedisResult[]> ArriveAsync(string node, long notAfter)
    {
        await using RedisConnection connection = new(redis.ConnectionString, TimeProvider.System, NullLogger.Instance);
        ShardArguments arguments = new(Shard, 1, PushKeys.RegistryBuckets, node, IVehicleRegistry.MostDevices, notAfter);
        arguments.Add(Vid, "", "");
        return (RedisResult[])await connection.EvaluateAsync(
            RedisScript.LoadAfter("_vehicle", "arrive"), [PushKeys.Online(_pool, Shard), PushKeys.RegistryPrefix(_pool, Shard)], arguments.ToArray(), Token);
    }

    private Task<IReadOnlyList<Superseded>> ConfirmAsync(string node, long session) =>
        Vehicles.ConfirmAsync(_pool, Shard, node, [new VehicleSession(Vid, session)], Token);

    private async Task HoldsAsync(string node, long session) =>
        (await Vehicles.FindAsync(_pool, Shard, [Vid], Token))[0]!.Holder.ShouldBe(new Holder(node, session));
}

[Collection(SingleRedisGroup.Name)]
public sealed class LateArrivalOnSingleRedisTests(SingleRedis redis) : LateArrivalSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LateArrivalOnRedisClusterTests(ClusteredRedis redis) : LateArrivalSpec(redis);
