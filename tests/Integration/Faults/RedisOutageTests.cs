using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>Redis away for a minute under a whole installation, and Redis that has forgotten a ledger (G9).</summary>
public sealed class RedisOutageTests(NodesStage stage) : IClassFixture<NodesStage>
{
    private const int Fleet = 60;

    /// <summary>Longer than the minute after which nodes send their cars away.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(65);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RedisDiesInMidPushAndIsGoneForAMinute_NothingIsSentMeanwhile_ThenEachCarIsToldOnce()
    {
        await using FaultStory story = await PushingAsync();

        await stage.Stage.Redis.KillAsync();
        await Task.Delay(Lease.Lifetime * 2, Token);
        int told = story.Copies;
        await Task.Delay(Away, Token);
        story.Copies.ShouldBe(told);
        told.ShouldBeLessThan(Fleet);
        await stage.Stage.Redis.StartAgainAsync(Token);

        await story.PatchAsync("""{"pace":{"maxPerSecond":1000}}""");
        await story.EndsWellAsync();
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("one shard")]
    public async Task LedgerIsFlushedInMidPush_StopsForGoodAndIsNeverStartedOver(string what)
    {
        await using FaultStory story = await PushingAsync();

        // A lost shard loses header and records together; a fleet of this size has one bucket a shard.
        string command = what == "FLUSHALL" ? what : $"DEL {PushKeys.Header(story.Key, 7)} {PushKeys.Bucket(story.Key, 7, 0)}";
        await stage.Stage.Redis.CommandAsync(command, Token);
        await story.UntilAsync("Stalled", async () => IsStalled(await story.StatusAsync()));
        int copies = story.Copies;
        copies.ShouldBeLessThan(Fleet);

        // It would begin again with the operator's next look (1 s), the nodes' next beat (1 s), or the cars' next hello.
        await story.ReconnectAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        story.Copies.ShouldBe(copies);
        story.Cars.ShouldAllBe(car => car.Seen.All(seen => seen.Shown == 1));
        IsStalled(await story.StatusAsync()).ShouldBeTrue();
        AuditReport audit = await story.Ledgers.AuditAsync(story.Key, Token);
        audit.Clean.ShouldBeFalse();
        audit.Scanned.Targeted.ShouldBeLessThan(Fleet, "what was lost was not made anew");
    }

    private static bool IsStalled(PushCampaignStatus status) =>
        status.Conditions?.Any(condition => condition is { Type: "Stalled", Status: "True", Reason: "LedgerLost" }) == true;

    private async Task<FaultStory> PushingAsync()
    {
        FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(Fleet);
        await story.ApplyAsync(rate: 5);
        await story.UntilToldAsync(5);
        return story;
    }
}
