using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using StackExchange.Redis;
using Xunit;
using Order = PushPlatform.Delivery.Orders.Order;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>Somebody wrote into the pool's keys: what cannot be read is named or put right, and holds up nothing that can. The ledger's are in <see cref="LedgerGarbageSpec"/>.</summary>
public abstract class GarbageSpec
{
    private readonly RedisFixture _redis;
    private readonly PoolName _pool;

    protected GarbageSpec(RedisFixture redis)
    {
        _redis = redis;
        _pool = redis.NewPool();
    }

    private IOrderBook Book => _redis.Store.Orders;

    private IVehicleRegistry Vehicles => _redis.Store.Vehicles;

    private IDatabase Raw => _redis.Raw.GetDatabase();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("12|uid|1|1|")]
    [InlineData("12|uid|1|1|{")]
    [InlineData("12|uid|1|1|null")]
    [InlineData("12|uid|1|1|{\"campaignId\":7}")]
    [InlineData("12|uid|x|1|{}")]
    [InlineData("99999999999999999999|uid|1|1|{}")]
    [InlineData("\0\u0001\u00ff")]
    public async Task Order_ThatIsNone_IsNamedAndWrittenAnew(string garbage)
    {
        await Book.PutAsync(_pool, Order("good"), 0, Token);
        await Book.PutAsync(_pool, Order("bad"), 0, Token);
        await Raw.HashSetAsync(PushKeys.Orders(_pool), "bad", garbage);

        OrderBookPage page = await Book.ReadAsync(_pool, Token);
        page.Orders.ShouldHaveSingleItem().CampaignId.ShouldBe("good");
        (string campaign, long plannedFrom) = page.Unreadable.ShouldHaveSingleItem();
        campaign.ShouldBe("bad");

        (await Book.PutAsync(_pool, Order("bad"), plannedFrom, Token)).Outcome.ShouldBe(PutOutcome.Accepted);
        (await Book.ReadAsync(_pool, Token)).Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Order_ThatIsNone_CanBeTakenOut()
    {
        await Raw.HashSetAsync(PushKeys.Orders(_pool), "bad", "nonsense");
        (await Book.RemoveAsync(_pool, "bad", null, Token)).Outcome.ShouldBe(PutOutcome.Accepted);
        (await Book.ReadAsync(_pool, Token)).Unreadable.ShouldBeEmpty();
    }

    [Fact]
    public async Task Seq_ThatIsNoNumber_GoesOnFromTheClock()
    {
        long before = (await Book.PutAsync(_pool, Order("a"), 0, Token)).Seq;
        await Raw.StringSetAsync(PushKeys.OrderSeq(_pool), "nonsense");

        (await _redis.Store.Nodes.BeatAsync(_pool, Beat("n1"), Token)).OrderSeq.ShouldBe(0);
        (await Book.ReadAsync(_pool, Token)).Seq.ShouldBe(0);
        (await Book.PutAsync(_pool, Order("b"), 0, Token)).Seq.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task Tombstone_ThatIsNone_IsNotTakenForAbsent()
    {
        // Or what is finished would start over (G10).
        await Raw.HashSetAsync(PushKeys.Done(_pool), "a#", 2);
        await Raw.HashSetAsync(PushKeys.Done(_pool), "a#2", "nonsense");
        (await Should.ThrowAsync<StoreDamagedException>(() => Book.FindLatestTombstoneAsync(_pool, "a", Token))).Message.ShouldContain("'a#2'");

        await Raw.HashSetAsync(PushKeys.Done(_pool), "a#", "nonsense");
        await Should.ThrowAsync<StoreDamagedException>(() => Book.FindLatestTombstoneAsync(_pool, "a", Token));
        (await Book.FindLatestTombstoneAsync(_pool, "b", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Preview_ThatIsNone_IsLeftOut()
    {
        await Book.ReportPreviewAsync(_pool, new PreviewShard("a", "uid", 1, 3, 7, 1), Token);
        await Raw.HashSetAsync(PushKeys.Preview(_pool, "a"), 4, "{\"shard\":\"x\"}");
        (await Book.ReadPreviewAsync(_pool, "a", Token)).ShouldHaveSingleItem().Matched.ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("|{}")]
    public async Task Beat_ThatIsNone_IsClearedAway(string garbage)
    {
        await Raw.HashSetAsync(PushKeys.Nodes(_pool), "odd", garbage);
        await Raw.StringSetAsync(PushKeys.OperatorBeat(_pool), "nonsense");
        (await _redis.Store.Nodes.BeatAsync(_pool, Beat("n1"), Token)).OperatorAge.ShouldBeNull();

        (await _redis.Store.Nodes.LiveNodesAsync(_pool, Token)).ShouldHaveSingleItem().Node.ShouldBe("n1");
        (await Raw.HashExistsAsync(PushKeys.Nodes(_pool), "odd")).ShouldBeFalse();
    }

    [Fact]
    public async Task Beat_OfNoNode_IsLeftOut()
    {
        BeatReply reply = await _redis.Store.Nodes.BeatAsync(_pool, Beat("n1"), Token);
        await Raw.HashSetAsync(PushKeys.Nodes(_pool), "odd", $"{reply.RedisNow}|{{\"node\":3}}");
        (await _redis.Store.Nodes.LiveNodesAsync(_pool, Token)).ShouldHaveSingleItem().Node.ShouldBe("n1");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("1|2|x|p|l", "x|n1")]
    [InlineData("1|2", "|")]
    [InlineData("99999999999999999999|1|1||", "99999999999999999999|n1")]
    public async Task Vehicle_WhoseRecordIsNone_IsAsGoodAsNew(string record, string presence)
    {
        string[] vids = [.. RegistrySpec.VidsOfShard(5, 2)];
        RedisKey bucket = await BucketAfterArrivalAsync(vids[0], 5);
        await ArriveAsync(5, vids[1]);
        await Raw.HashSetAsync(bucket, vids[0], record);
        await Raw.HashSetAsync(PushKeys.Online(_pool, 5), vids[0], presence);

        (await Vehicles.FindAsync(_pool, 5, vids, Token)).Select(known => known?.Vid).ShouldBe([null, vids[1]]);
        await Vehicles.LeaveAsync(_pool, 5, [new VehicleSession(vids[0], 1)], Token);
        await Vehicles.UpdateAsync(_pool, 5, [new VehicleUpdate(vids[0], 1, null, null)], Token);
        (await WalkAsync(5)).ShouldBe([vids[1]]);
        (await Vehicles.ConfirmAsync(_pool, 5, "n1", [new VehicleSession(vids[0], 1)], Token)).ShouldBeEmpty();
        Arrived arrived = await ArriveAsync(5, vids[0]);
        arrived.Session.ShouldBeGreaterThan(1);
        (await Vehicles.FindAsync(_pool, 5, vids, Token)).ShouldAllBe(known => known!.Holder!.Node == "n1");
    }

    [Fact]
    public async Task Vehicle_WhoseLabelsAndPositionAreNone_HasNoneUntilItSaysThem()
    {
        RedisKey bucket = await BucketAfterArrivalAsync("vin-1", Shards.Of("vin-1"));
        await Raw.HashSetAsync(bucket, "vin-1", "1|2|3|north;x|{");

        Arrived arrived = await ArriveAsync(Shards.Of("vin-1"), "vin-1");

        arrived.Position.ShouldBeNull();
        arrived.Labels.ShouldBeEmpty();
    }

    [Fact]
    public async Task KeyOfAnotherType_IsNamed_HoldsUpNothingElse_AndGoesOnWhenItIsGone()
    {
        await Raw.StringSetAsync(PushKeys.Orders(_pool), "nonsense");
        await Raw.StringSetAsync(PushKeys.Online(_pool, 5), "nonsense");
        await Raw.StringSetAsync(PushKeys.Nodes(_pool), "nonsense");
        string[] vids = [RegistrySpec.VidsOfShard(5, 1).Single(), RegistrySpec.VidsOfShard(6, 1).Single()];

        (await Should.ThrowAsync<StoreDamagedException>(() => Book.ReadAsync(_pool, Token))).Message.ShouldContain($"{{{_pool}}}:orders");
        await Should.ThrowAsync<StoreDamagedException>(() => Book.PutAsync(_pool, Order("a"), 0, Token));
        (await Should.ThrowAsync<StoreDamagedException>(() => ArriveAsync(5, vids[0]))).Message.ShouldContain(":online");
        await Should.ThrowAsync<StoreDamagedException>(() => _redis.Store.Nodes.BeatAsync(_pool, Beat("n1"), Token));
        await Should.ThrowAsync<StoreDamagedException>(() => _redis.Store.Nodes.LiveNodesAsync(_pool, Token));
        await ArriveAsync(6, vids[1]);
        _redis.Store.Fault.ShouldBeNull("the server is well");

        await Raw.KeyDeleteAsync(PushKeys.Orders(_pool));
        await Raw.KeyDeleteAsync(PushKeys.Online(_pool, 5));
        await Raw.KeyDeleteAsync(PushKeys.Nodes(_pool));
        (await Book.PutAsync(_pool, Order("a"), 0, Token)).Outcome.ShouldBe(PutOutcome.Accepted);
        await ArriveAsync(5, vids[0]);
        await _redis.Store.Nodes.BeatAsync(_pool, Beat("n1"), Token);
    }

    private static Order Order(string campaign) => new()
    {
        CampaignId = campaign,
        Revision = 1,
        OwnerUid = "uid",
        Generation = 1,
        Gate = Gate.Preview,
        Filter = new TargetFilter(),
        Delivery = new DeliveryRules { AckTimeoutSeconds = 30, MaxAttempts = 5 },
        Notice = "{}",
    };

    private static NodeBeat Beat(string node) => new() { Node = node, Pod = node, Connections = 1, Accepting = true, OrderSeq = 0, Orders = [] };

    private async Task<Arrived> ArriveAsync(int shard, string vid) =>
        (await Vehicles.ArriveAsync(_pool, shard, "n1", [new Arrival(vid, null, null)], Token)).ShouldHaveSingleItem();

    /// <summary>The bucket that a vehicle's record lies in: found, not reckoned.</summary>
    private async Task<RedisKey> BucketAfterArrivalAsync(string vid, int shard)
    {
        await ArriveAsync(shard, vid);
        for (int bucket = 0; bucket < PushKeys.RegistryBuckets; bucket++)
        {
            RedisKey key = (string)PushKeys.RegistryPrefix(_pool, shard)! + bucket;
            if (await Raw.HashExistsAsync(key, vid))
            {
                return key;
            }
        }

        throw new InvalidOperationException($"{vid} is on no record.");
    }

    private async Task<IReadOnlyList<string>> WalkAsync(int shard)
    {
        List<string> vids = [];
        await foreach (IReadOnlyList<KnownVehicle> page in Vehicles.WalkAsync(_pool, shard, TimeSpan.FromDays(36_500), Token))
        {
            vids.AddRange(page.Select(known => known.Vid));
        }

        return vids;
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class GarbageOnSingleRedis(SingleRedis redis) : GarbageSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class GarbageOnRedisCluster(ClusteredRedis redis) : GarbageSpec(redis);
