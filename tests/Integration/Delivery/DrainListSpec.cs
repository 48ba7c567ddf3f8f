using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

public abstract class DrainListSpec
{
    private readonly RedisFixture _redis;
    private readonly PoolName _pool;

    protected DrainListSpec(RedisFixture redis)
    {
        _redis = redis;
        _pool = redis.NewPool();
    }

    private IDrainList List => _redis.Store.Drains;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Set_IsExactlyWhatIsReadBack_AndSaysWhetherItChanged()
    {
        (await List.SetAsync(_pool, ["a", "b"], Token)).ShouldBeTrue();
        (await List.SetAsync(_pool, ["b", "a"], Token)).ShouldBeFalse();
        (await List.SetAsync(_pool, ["b", "c"], Token)).ShouldBeTrue();
        (await List.ReadAsync(_pool, Token)).Keys.ShouldBe(["b", "c"], ignoreOrder: true);
        (await List.ContainsAsync(_pool, "b", Token)).ShouldBeTrue();
        (await List.ContainsAsync(_pool, "a", Token)).ShouldBeFalse();

        (await List.SetAsync(_pool, [], Token)).ShouldBeTrue();
        (await List.ReadAsync(_pool, Token)).ShouldBeEmpty();
        (await List.SetAsync(_pool, [], Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Set_Again_KeepsSinceWhen()
    {
        await List.SetAsync(_pool, ["a"], Token);
        await _redis.Raw.GetDatabase().HashSetAsync(PushKeys.Drain(_pool), "a", 1_000_000);
        await List.SetAsync(_pool, ["a", "b"], Token);

        IReadOnlyDictionary<string, TimeSpan> told = await List.ReadAsync(_pool, Token);

        told["a"].ShouldBeGreaterThan(TimeSpan.FromDays(365));
        told["b"].ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Beat_Reply_TellsThePodsThatStandInIt()
    {
        await List.SetAsync(_pool, ["pod-a"], Token);

        (await BeatAsync("pod-a.1")).ToldToDrain.ShouldBeTrue();
        (await BeatAsync("pod-a.2")).ToldToDrain.ShouldBeTrue("a container that was started again is still of that pod");
        (await BeatAsync("pod-b.1")).ToldToDrain.ShouldBeFalse();

        await List.SetAsync(_pool, [], Token);
        (await BeatAsync("pod-a.2")).ToldToDrain.ShouldBeFalse();
    }

    [Fact]
    public async Task List_NobodyWritesItAnyMore_GoesByItself()
    {
        await List.SetAsync(_pool, ["a"], Token);

        TimeSpan? left = await _redis.Raw.GetDatabase().KeyTimeToLiveAsync(PushKeys.Drain(_pool));

        left.ShouldNotBeNull().ShouldBeInRange(IDrainList.Lasts / 2, IDrainList.Lasts);
    }

    [Fact]
    public async Task ListThatIsNone_TellsNobody_AndIsNamed()
    {
        await _redis.Raw.GetDatabase().StringSetAsync(PushKeys.Drain(_pool), "nonsense");

        (await BeatAsync("pod-a.1")).ToldToDrain.ShouldBeFalse();
        (await Should.ThrowAsync<StoreDamagedException>(() => List.ReadAsync(_pool, Token))).Message.ShouldContain(":drain");
    }

    private Task<BeatReply> BeatAsync(string node) => _redis.Store.Nodes.BeatAsync(
        _pool, new NodeBeat { Node = node, Pod = node.Split('.')[0], Connections = 0, Accepting = true, OrderSeq = 0 }, Token);
}

[Collection(SingleRedisGroup.Name)]
public sealed class DrainListOnSingleRedis(SingleRedis redis) : DrainListSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class DrainListOnRedisCluster(ClusteredRedis redis) : DrainListSpec(redis);
