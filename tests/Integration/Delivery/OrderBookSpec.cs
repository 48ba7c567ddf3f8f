using System.Globalization;
using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

public abstract class OrderBookSpec
{
    private readonly PoolName _pool;

    protected OrderBookSpec(RedisFixture redis)
    {
        Redis = redis;
        _pool = redis.NewPool();
    }

    private protected RedisFixture Redis { get; }

    private IOrderBook Book => Redis.Store.Orders;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_NothingWritten_IsEmpty()
    {
        OrderBookPage page = await Book.ReadAsync(_pool, Token);
        page.Seq.ShouldBe(0);
        page.Orders.ShouldBeEmpty();
        (await Book.FindLatestTombstoneAsync(_pool, "a", Token)).ShouldBeNull();
        (await Book.FindTombstoneAsync(_pool, "a", 1, Token)).ShouldBeNull();
        (await Book.ReadPreviewAsync(_pool, "a", Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Put_NewOrder_IsReadBackWholeWithItsSeq()
    {
        Order order = Order("a") with
        {
            LedgerId = "l1",
            Listed = true,
            StartedAt = 17,
            Filter = new TargetFilter
            {
                ExcludeVids = ["x"],
                Selector = new LabelSelector
                {
                    MatchLabels = new Dictionary<string, string> { ["model"] = "x7" },
                    MatchExpressions = [new LabelRequirement("fw", LabelOperator.NotIn, ["1", "2"])],
                },
                Geo = new GeoFilter { Include = [new GeoArea { Circle = new GeoCircle(48.1, 11.5, 5000) }] },
            },
        };

        PutReply reply = await Book.PutAsync(_pool, order, 0, Token);

        reply.Outcome.ShouldBe(PutOutcome.Accepted);
        reply.Prev.ShouldBe(0);
        OrderBookPage page = await Book.ReadAsync(_pool, Token);
        page.Seq.ShouldBe(reply.Seq);
        Json(page.Orders.ShouldHaveSingleItem()).ShouldBe(Json(order with { Seq = reply.Seq }));
        Json(reply.Order!).ShouldBe(Json(page.Orders[0]));
    }

    [Fact]
    public async Task Put_SeqOfBothChanges_GrowsAndIsChained()
    {
        PutReply a = await Book.PutAsync(_pool, Order("a"), 0, Token);
        PutReply b = await Book.PutAsync(_pool, Order("b"), 0, Token);
        b.Prev.ShouldBe(a.Seq);
        b.Seq.ShouldBeGreaterThan(a.Seq);
        a.Seq.ShouldBeGreaterThan(DateTimeOffset.Parse("2020-01-01Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() * 1000, "at least Redis time in µs");
    }

    [Fact]
    public async Task Put_SameOrderAgain_IsUnchangedWhateverItWasPlannedFrom()
    {
        PutReply first = await Book.PutAsync(_pool, Order("a"), 0, Token);
        PutReply again = await Book.PutAsync(_pool, Order("a"), 0, Token);
        again.Outcome.ShouldBe(PutOutcome.Unchanged);
        again.Seq.ShouldBe(first.Seq);
        again.Prev.ShouldBe(first.Seq);
        again.Order!.Seq.ShouldBe(first.Seq);
    }

    [Fact]
    public async Task Put_PlannedFromAnotherOrder_IsStaleAndTellsWhatStands()
    {
        PutReply first = await Book.PutAsync(_pool, Order("a"), 0, Token);
        await Book.PutAsync(_pool, Order("a") with { Priority = 1 }, first.Seq, Token);

        PutReply late = await Book.PutAsync(_pool, Order("a") with { Priority = 2 }, first.Seq, Token);

        late.Outcome.ShouldBe(PutOutcome.Stale);
        late.Order!.Priority.ShouldBe(1);
        (await Book.ReadAsync(_pool, Token)).Orders.ShouldHaveSingleItem().Priority.ShouldBe(1);
    }

    [Fact]
    public async Task Put_LowerGenerationOfTheSameOwner_IsStale()
    {
        PutReply first = await Book.PutAsync(_pool, Order("a") with { Generation = 5 }, 0, Token);
        (await Book.PutAsync(_pool, Order("a") with { Generation = 4 }, first.Seq, Token)).Outcome.ShouldBe(PutOutcome.Stale);
        (await Book.PutAsync(_pool, Order("a") with { Generation = 4, OwnerUid = "other" }, first.Seq, Token)).Outcome.ShouldBe(PutOutcome.Accepted);
    }

    [Fact]
    public async Task Put_Closing_IsAlwaysAcceptedAndReopensForNothingOlder()
    {
        PutReply open = await Book.PutAsync(_pool, Order("a") with { Generation = 5, Gate = Gate.Open }, 0, Token);

        PutReply closed = await Book.PutAsync(_pool, Order("a") with { Generation = 3, Gate = Gate.Closed }, 1, Token);
        closed.Outcome.ShouldBe(PutOutcome.Accepted);
        closed.Prev.ShouldBe(open.Seq);

        PutReply reopened = await Book.PutAsync(_pool, Order("a") with { Generation = 4, Gate = Gate.Open }, closed.Seq, Token);
        reopened.Outcome.ShouldBe(PutOutcome.Stale);
    }

    [Fact]
    public async Task Remove_WithTombstone_TakesTheOrderAndKeepsTheFirstTombstone()
    {
        PutReply put = await Book.PutAsync(_pool, Order("a"), 0, Token);

        PutReply removed = await Book.RemoveAsync(_pool, "a", Tombstone("a", 1, "h1"), Token);
        PutReply again = await Book.RemoveAsync(_pool, "a", Tombstone("a", 1, "h2"), Token);

        removed.Outcome.ShouldBe(PutOutcome.Accepted);
        removed.Prev.ShouldBe(put.Seq);
        removed.Seq.ShouldBeGreaterThan(put.Seq);
        removed.Order.ShouldBeNull();
        again.Outcome.ShouldBe(PutOutcome.Unchanged);
        again.Seq.ShouldBe(removed.Seq);
        (await Book.ReadAsync(_pool, Token)).Orders.ShouldBeEmpty();
        (await Book.FindTombstoneAsync(_pool, "a", 1, Token)).ShouldBe(Tombstone("a", 1, "h1"));
    }

    [Fact]
    public async Task Reopen_StandsUntilTheNextEnd_AndALateOneChangesNothing()
    {
        Tombstone first = Tombstone("a", 1, "h");
        await Book.RemoveAsync(_pool, "a", first, Token);

        await Book.ReopenAsync(_pool, first, 1, Token);
        await Book.ReopenAsync(_pool, first, 1, Token);
        (await Book.FindLatestTombstoneAsync(_pool, "a", Token)).ShouldBe(first with { Reopened = true }, "it is still known that this revision was pushed (G10)");

        Tombstone second = first with { Retry = 1, Outcome = CampaignOutcome.Aborted };
        await Book.RemoveAsync(_pool, "a", second, Token);
        await Book.RemoveAsync(_pool, "a", first, Token);
        await Book.ReopenAsync(_pool, first, 1, Token);
        (await Book.FindTombstoneAsync(_pool, "a", 1, Token)).ShouldBe(second, "who was too slow says nothing any more");

        await Book.ReopenAsync(_pool, Tombstone("b", 1, "h"), 1, Token);
        (await Book.FindTombstoneAsync(_pool, "b", 1, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Remove_TombstoneOfAnEarlierRevision_LeavesTheNewerOrder()
    {
        await Book.PutAsync(_pool, Order("a") with { Revision = 2 }, 0, Token);
        await Book.RemoveAsync(_pool, "a", Tombstone("a", 1, "h"), Token);
        (await Book.ReadAsync(_pool, Token)).Orders.ShouldHaveSingleItem().Revision.ShouldBe(2);
        (await Book.FindTombstoneAsync(_pool, "a", 1, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task FindLatestTombstone_SeveralRevisions_IsTheHighest()
    {
        foreach (int revision in new[] { 2, 10, 9 })
        {
            await Book.RemoveAsync(_pool, "a", Tombstone("a", revision, "h"), Token);
        }

        (await Book.FindLatestTombstoneAsync(_pool, "a", Token))!.Revision.ShouldBe(10);
        (await Book.FindLatestTombstoneAsync(_pool, "b", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task ReportPreview_AShardTwice_ReplacesItsResult()
    {
        await Book.ReportPreviewAsync(_pool, new PreviewShard("a", "u", 1, 3, 10, 100), Token);
        await Book.ReportPreviewAsync(_pool, new PreviewShard("a", "u", 1, 4, 20, 100), Token);
        await Book.ReportPreviewAsync(_pool, new PreviewShard("a", "u", 2, 3, 11, 200), Token);
        IReadOnlyList<PreviewShard> results = await Book.ReadPreviewAsync(_pool, "a", Token);
        results.OrderBy(result => result.Shard).ShouldBe([new PreviewShard("a", "u", 2, 3, 11, 200), new PreviewShard("a", "u", 1, 4, 20, 100)]);
    }

    // Records with lists are equal only as texts.
    private static string Json(Order order) => JsonSerializer.Serialize(order);

    private static Order Order(string campaign) => new()
    {
        CampaignId = campaign,
        Revision = 1,
        OwnerUid = "owner",
        Generation = 1,
        Gate = Gate.Preview,
        Filter = new TargetFilter(),
        Delivery = new DeliveryRules(),
        Notice = """{"type":"push","campaign":"ä|b"}""",
    };

    private static Tombstone Tombstone(string campaign, int revision, string hash) => new()
    {
        CampaignId = campaign,
        Revision = revision,
        OwnerUid = "owner",
        ContentHash = hash,
        LedgerId = "l",
        Outcome = CampaignOutcome.Completed,
        Counts = LedgerCounts.Zero with { Targeted = 3, Delivered = 3 },
        EndedAt = DateTimeOffset.UnixEpoch,
    };
}

[Collection(SingleRedisGroup.Name)]
public sealed class OrderBookOnSingleRedis(SingleRedis redis) : OrderBookSpec(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class OrderBookOnRedisCluster(ClusteredRedis redis) : OrderBookSpec(redis);
