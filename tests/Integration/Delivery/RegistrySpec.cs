using PushPlatform.Delivery;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Registry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

public abstract class RegistrySpec
{
    private static readonly Dictionary<string, string> X7 = new() { ["model"] = "x7", ["note"] = "a|b;c \"ü\"" };
    private static readonly VehiclePosition Munich = new(48.137154, 11.576124, 1_700_000_000_000);
    private static readonly TimeSpan Ever = TimeSpan.FromDays(36_500);
    private readonly RedisFixture _redis;
    private readonly PoolName _pool;

    protected RegistrySpec(RedisFixture redis)
    {
        _redis = redis;
        _pool = redis.NewPool();
    }

    private IVehicleRegistry Vehicles => _redis.Store.Vehicles;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Arrive_NewVehicle_IsOnRecordWithItsHolder()
    {
        Arrived arrived = await ArriveAsync("n1", new Arrival("vin-1", X7, Munich));

        arrived.Previous.ShouldBeNull();
        arrived.Labels.ShouldBe(X7);
        arrived.Position.ShouldBe(Munich);
        arrived.Session.ShouldBeGreaterThanOrEqualTo(arrived.FirstSeenAt);
        KnownVehicle known = (await FindAsync("vin-1"))!;
        known.Labels.ShouldBe(X7);
        known.Position.ShouldBe(Munich);
        known.Holder.ShouldBe(new Holder("n1", arrived.Session));
        known.FirstSeenAt.ShouldBe(arrived.FirstSeenAt);
    }

    [Fact]
    public async Task Arrive_Again_GrowsTheSessionTellsThePreviousHolderAndKeepsWhatIsNotSaid()
    {
        Arrived first = await ArriveAsync("n1", new Arrival("vin-1", X7, Munich));
        Arrived second = await ArriveAsync("n2|odd", new Arrival("vin-1", null, null));
        Arrived third = await ArriveAsync("n1", new Arrival("vin-1", new Dictionary<string, string>(), null));

        second.Session.ShouldBeGreaterThan(first.Session);
        second.Previous.ShouldBe(new Holder("n1", first.Session));
        second.FirstSeenAt.ShouldBe(first.FirstSeenAt);
        second.Labels.ShouldBe(X7);
        second.Position.ShouldBe(Munich);
        third.Previous.ShouldBe(new Holder("n2|odd", second.Session));
        third.Labels.ShouldBeEmpty("an empty set is a statement, silence is not");
    }

    [Fact]
    public async Task Arrive_AfterLeave_SessionStillGrows()
    {
        Arrived first = await ArriveAsync("n1", new Arrival("vin-1", null, null));
        await Vehicles.LeaveAsync(_pool, Shards.Of("vin-1"), [new VehicleSession("vin-1", first.Session)], Token);
        Arrived second = await ArriveAsync("n1", new Arrival("vin-1", null, null));
        second.Session.ShouldBeGreaterThan(first.Session);
        second.Previous.ShouldBeNull();
    }

    [Fact]
    public async Task Arrive_PreviousSessionAheadOfTheClock_IsStillExceeded()
    {
        int shard = Shards.Of("vin-1");
        Arrived arrived = await ArriveAsync("n1", new Arrival("vin-1", null, null));
        long ahead = arrived.Session + 3_600_000_000;
        await Vehicles.ConfirmAsync(_pool, shard, "n1", [new VehicleSession("vin-1", ahead)], Token);
        (await ArriveAsync("n1", new Arrival("vin-1", null, null))).Session.ShouldBe(ahead + 1);
    }

    [Fact]
    public async Task LeaveAndUpdate_OfAReplacedSession_AreIgnored()
    {
        int shard = Shards.Of("vin-1");
        Arrived old = await ArriveAsync("n1", new Arrival("vin-1", X7, Munich));
        Arrived current = await ArriveAsync("n2", new Arrival("vin-1", null, null));

        await Vehicles.LeaveAsync(_pool, shard, [new VehicleSession("vin-1", old.Session)], Token);
        await Vehicles.UpdateAsync(_pool, shard, [new VehicleUpdate("vin-1", old.Session, new Dictionary<string, string>(), new VehiclePosition(0, 0, 0))], Token);

        KnownVehicle known = (await FindAsync("vin-1"))!;
        known.Holder.ShouldBe(new Holder("n2", current.Session));
        known.Labels.ShouldBe(X7);
        known.Position.ShouldBe(Munich);
    }

    [Fact]
    public async Task UpdateThenLeave_OfTheCurrentSession_AreStored()
    {
        int shard = Shards.Of("vin-1");
        Arrived arrived = await ArriveAsync("n1", new Arrival("vin-1", null, null));
        VehiclePosition south = new(-33.9, 18.4, 5);

        await Vehicles.UpdateAsync(_pool, shard, [new VehicleUpdate("vin-1", arrived.Session, null, south)], Token);
        await Vehicles.UpdateAsync(_pool, shard, [new VehicleUpdate("vin-1", arrived.Session, X7, null)], Token);
        await Vehicles.LeaveAsync(_pool, shard, [new VehicleSession("vin-1", arrived.Session)], Token);

        KnownVehicle known = (await FindAsync("vin-1"))!;
        known.Holder.ShouldBeNull();
        known.Labels.ShouldBe(X7);
        known.Position.ShouldBe(south);
        known.LastSeenAt.ShouldBeGreaterThan(arrived.FirstSeenAt);
    }

    [Fact]
    public async Task Confirm_Sessions_PutsLostPresenceBackAndTellsTheReplaced()
    {
        string[] vids = [.. VidsOfShard(2, 3)];
        Arrived kept = await ArriveAsync("n1", new Arrival(vids[0], X7, null));
        Arrived old = await ArriveAsync("n1", new Arrival(vids[1], null, null));
        await ArriveAsync("n2", new Arrival(vids[1], null, null));
        await _redis.Raw.GetDatabase().HashDeleteAsync(PushKeys.Online(_pool, 2), vids[0]);
        VehicleSession forgotten = new(vids[2], kept.Session);

        IReadOnlyList<Superseded> superseded = await Vehicles.ConfirmAsync(
            _pool, 2, "n1", [new VehicleSession(vids[0], kept.Session), new VehicleSession(vids[1], old.Session), forgotten], Token);

        superseded.ShouldBe([new Superseded(vids[1], 0)]);
        (await FindAsync(vids[0]))!.Holder.ShouldBe(new Holder("n1", kept.Session));
        (await FindAsync(vids[0]))!.Labels.ShouldBe(X7);
        (await FindAsync(vids[1]))!.Holder!.Node.ShouldBe("n2");
        (await FindAsync(vids[2]))!.Holder.ShouldBe(new Holder("n1", forgotten.Session));
    }

    [Fact]
    public async Task Walk_Shard_SeesEveryVehicleOfItOnce()
    {
        const int Shard = 5;
        string[] vids = [.. VidsOfShard(Shard, 3000)];
        foreach (string[] batch in vids.Chunk(256))
        {
            await Vehicles.ArriveAsync(_pool, Shard, "n1", [.. batch.Select(vid => new Arrival(vid, X7, Munich))], Token);
        }

        List<KnownVehicle> seen = [];
        await foreach (IReadOnlyList<KnownVehicle> page in Vehicles.WalkAsync(_pool, Shard, Ever, Token))
        {
            seen.AddRange(page);
            page.Count.ShouldBeLessThan(300, "a walk must never hold Redis up for long");
        }

        seen.Select(vehicle => vehicle.Vid).Order().ShouldBe(vids.Order());
        seen.ShouldAllBe(vehicle => vehicle.Holder!.Node == "n1" && vehicle.Position == Munich);
    }

    [Fact]
    public async Task Walk_NotSeenForLong_IsTakenOutUnlessItIsOnline()
    {
        const int Shard = 5;
        string[] vids = [.. VidsOfShard(Shard, 700)];
        foreach (string[] batch in vids.Chunk(256))
        {
            var arrived = await Vehicles.ArriveAsync(_pool, Shard, "n1", [.. batch.Select(vid => new Arrival(vid, X7, Munich))], Token);
            VehicleSession[] gone = [.. arrived.Select(vehicle => new VehicleSession(vehicle.Vid, vehicle.Session)).Where(vehicle => vehicle.Vid != vids[0])];
            await Vehicles.LeaveAsync(_pool, Shard, gone, Token);
        }

        (await WalkAsync(Shard, TimeSpan.FromHours(1))).Count.ShouldBe(700, "all were seen just now");

        (await WalkAsync(Shard, TimeSpan.Zero)).ShouldBe([vids[0]]);

        (await FindAsync(vids[0]))!.Labels.ShouldBe(X7);
        (await FindAsync(vids[1])).ShouldBeNull();
        (await WalkAsync(Shard, Ever)).ShouldBe([vids[0]]);
    }

    [Fact]
    public async Task Find_UnknownVehicle_IsNull() => (await FindAsync("nobody")).ShouldBeNull();

    [Fact]
    public async Task FindDevices_OfSomeVids_AreAllOnRecordAndNobodyElses()
    {
        // "vin-1" begins other vids' names too, and of the thousand some share its bucket.
        string[] others = [.. VidsOfShard(Shards.Of("vin-1"), 1000).Where(vid => vid != "vin-1")];
        foreach (string[] batch in others.Chunk(250))
        {
            await Vehicles.ArriveAsync(_pool, Shards.Of("vin-1"), "n2", [.. batch.Select(vid => new Arrival(vid + "/main", null, null))], Token);
        }

        Arrived left = await ArriveAsync("n1", new Arrival("vin-1/left", X7, Munich));
        Arrived right = await ArriveAsync("n2", new Arrival("vin-1/right", null, null));
        await Vehicles.LeaveAsync(_pool, Shards.Of("vin-1"), [new VehicleSession("vin-1/right", right.Session)], Token);

        string never = VidsOfShard(Shards.Of("vin-1"), 1001).Last();
        IReadOnlyList<KnownVehicle> found = await Vehicles.FindDevicesAsync(_pool, Shards.Of("vin-1"), ["vin-1", never, others[0]], Token);

        found.Select(device => device.Vid).ShouldBe(["vin-1/left", "vin-1/right", others[0] + "/main"], ignoreOrder: true);
        KnownVehicle known = found.Single(device => device.Vid == "vin-1/left");
        known.Labels.ShouldBe(X7);
        known.Position.ShouldBe(Munich);
        known.Holder.ShouldBe(new Holder("n1", left.Session));
        found.Single(device => device.Vid == "vin-1/right").Holder.ShouldBeNull();
    }

    [Fact]
    public async Task FindDevices_MoreThanALittleHashHolds_AreAllFound()
    {
        // Far beyond the limit at which Redis changes a hash's form. All are connected, so none is forgotten.
        foreach (string[] batch in Enumerable.Range(0, 1500).Select(i => $"vin-1/d{i}").Chunk(250))
        {
            await Vehicles.ArriveAsync(_pool, Shards.Of("vin-1"), "n1", [.. batch.Select(unit => new Arrival(unit, null, null))], Token);
        }

        IReadOnlyList<KnownVehicle> found = await Vehicles.FindDevicesAsync(_pool, Shards.Of("vin-1"), ["vin-1"], Token);

        found.Select(device => device.Vid).Distinct().Count().ShouldBe(1500);
    }

    [Fact]
    public async Task Arrive_OneDeviceAfterTheOther_TheLongestAwayAreForgotten_AndNobodyElse()
    {
        await ArriveAsync("n1", new Arrival("vin-1/connected", null, null));
        string neighbour = VidsOfShard(Shards.Of("vin-1"), 2).Last();
        foreach (string unit in Enumerable.Range(0, 40).SelectMany(i => new[] { $"vin-1/d{i}", $"{neighbour}/main" }))
        {
            Arrived arrived = await ArriveAsync("n1", new Arrival(unit, null, null));
            await Vehicles.LeaveAsync(_pool, Shards.Of("vin-1"), [new VehicleSession(unit, arrived.Session)], Token);
        }

        IReadOnlyList<KnownVehicle> found = await Vehicles.FindDevicesAsync(_pool, Shards.Of("vin-1"), ["vin-1", neighbour], Token);

        found.Select(device => device.Vid).ShouldBe(
            [.. Enumerable.Range(40 - IVehicleRegistry.MostDevices, IVehicleRegistry.MostDevices).Select(i => $"vin-1/d{i}"), "vin-1/connected", $"{neighbour}/main"],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Arrive_AnotherDeviceOfTheVid_ReplacesNobody()
    {
        Arrived left = await ArriveAsync("n1", new Arrival("vin-1/left", null, null));

        (await ArriveAsync("n2", new Arrival("vin-1/right", null, null))).Previous.ShouldBeNull();
        (await ArriveAsync("n2", new Arrival("vin-1/left", null, null))).Previous.ShouldBe(new Holder("n1", left.Session));
        (await FindAsync("vin-1/right"))!.Holder!.Node.ShouldBe("n2");
    }

    [Fact]
    public async Task Batch_VehicleOfAnotherShardOrTooMany_IsRefused()
    {
        int wrong = (Shards.Of("vin-1") + 1) % Shards.Count;
        await Should.ThrowAsync<ArgumentException>(() => Vehicles.FindAsync(_pool, wrong, ["vin-1"], Token));
        await Should.ThrowAsync<ArgumentException>(() => Vehicles.FindAsync(_pool, 2, [.. VidsOfShard(2, 257)], Token));
    }

    internal static IEnumerable<string> VidsOfShard(int shard, int count) =>
        Enumerable.Range(0, int.MaxValue).Select(i => $"vin-{i}").Where(vid => Shards.Of(vid) == shard).Take(count);

    private async Task<Arrived> ArriveAsync(string node, Arrival arrival) =>
        (await Vehicles.ArriveAsync(_pool, Shards.Of(arrival.Vid), node, [arrival], Token)).ShouldHaveSingleItem();

    private async Task<IReadOnlyList<string>> WalkAsync(int shard, TimeSpan keepFor)
    {
        List<string> vids = [];
        await foreach (IReadOnlyList<KnownVehicle> page in Vehicles.WalkAsync(_pool, shard, keepFor, Token))
        {
            vids.AddRange(page.Select(vehicle => vehicle.Vid));
        }

        return vids;
    }

    private async Task<KnownVehicle?> FindAsync(string vid) => (await Vehicles.FindAsync(_pool, Shards.Of(vid), [vid], Token))[0];
}

[Collection(SingleRedisGroup.Name)]
public sealed class RegistryOnSingleRedis(SingleRedis redis) : RegistrySpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class RegistryOnRedisCluster(ClusteredRedis redis) : RegistrySpec(redis);
