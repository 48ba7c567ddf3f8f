using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

public abstract class MembershipSpec
{
    private readonly RedisFixture _redis;
    private readonly PoolName _pool;

    protected MembershipSpec(RedisFixture redis)
    {
        _redis = redis;
        _pool = redis.NewPool();
    }

    private INodeMembership Nodes => _redis.Store.Nodes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beat_OfANode_IsReadBackWhole()
    {
        NodeBeat beat = Beat("n1") with { Orders = [new OrderProgress("a", 1, 5, 10, 3)] };
        await Nodes.BeatAsync(_pool, Beat("n1"), Token);
        await Nodes.BeatAsync(_pool, beat, Token);
        NodeBeat live = (await Nodes.LiveNodesAsync(_pool, Token)).ShouldHaveSingleItem();
        live.Orders.ShouldBe(beat.Orders);
        (live with { Orders = beat.Orders }).ShouldBe(beat);
    }

    [Fact]
    public async Task Beat_Reply_TellsTheOrderBooksSeqAndTheOperatorsAge()
    {
        BeatReply before = await Nodes.BeatAsync(_pool, Beat("n1"), Token);
        before.OrderSeq.ShouldBe(0);
        before.OperatorAge.ShouldBeNull();

        await Nodes.OperatorBeatAsync(_pool, Token);
        await _redis.Raw.GetDatabase().StringSetAsync(PushKeys.OrderSeq(_pool), 42);
        BeatReply after = await Nodes.BeatAsync(_pool, Beat("n1"), Token);

        after.OrderSeq.ShouldBe(42);
        after.OperatorAge!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
        after.RedisNow.ShouldBeGreaterThan(before.RedisNow);
    }

    [Fact]
    public async Task LiveNodes_BeatOlderThanFiveSeconds_IsDead()
    {
        await Nodes.BeatAsync(_pool, Beat("n1"), Token);
        BeatReply now = await Nodes.BeatAsync(_pool, Beat("n2"), Token);
        await BackdateAsync("n1", now.RedisNow - 5_100_000);

        (await Nodes.LiveNodesAsync(_pool, Token)).ShouldHaveSingleItem().Node.ShouldBe("n2");
        (await EntriesAsync()).ShouldBe(2, "a person can still see who died");

        await BackdateAsync("n1", now.RedisNow - 3_600_000_000);
        await Nodes.LiveNodesAsync(_pool, Token);
        (await EntriesAsync()).ShouldBe(1, "long dead");
    }

    [Fact]
    public async Task Leave_OfANode_TakesItOutAtOnce()
    {
        await Nodes.BeatAsync(_pool, Beat("n1"), Token);
        await Nodes.LeaveAsync(_pool, "n1", Token);
        await Nodes.LeaveAsync(_pool, "n1", Token);
        (await Nodes.LiveNodesAsync(_pool, Token)).ShouldBeEmpty();
    }

    private static NodeBeat Beat(string node) => new() { Node = node, Pod = "pod", Connections = 7, Accepting = true, OrderSeq = 1 };

    private Task<long> EntriesAsync() => _redis.Raw.GetDatabase().HashLengthAsync(PushKeys.Nodes(_pool));

    private async Task BackdateAsync(string node, long at)
    {
        IDatabase database = _redis.Raw.GetDatabase();
        string entry = (await database.HashGetAsync(PushKeys.Nodes(_pool), node))!;
        await database.HashSetAsync(PushKeys.Nodes(_pool), node, $"{at}|{entry.Split('|', 2)[1]}");
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class MembershipOnSingleRedis(SingleRedis redis) : MembershipSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class MembershipOnRedisCluster(ClusteredRedis redis) : MembershipSpec(redis);
