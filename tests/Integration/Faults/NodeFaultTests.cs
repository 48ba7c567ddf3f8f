using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A push node's process dies at a chosen moment, or hangs and wakes.</summary>
public sealed class NodeFaultTests(NodesStage stage) : IClassFixture<NodesStage>
{
    private const int Fleet = 30;
    private const int MostRounds = 8;

    /// <summary>Each question to Redis and each answer takes this long: long enough to see from outside what stands between them, short enough for a lease.</summary>
    private static readonly TimeSpan SlowLink = TimeSpan.FromMilliseconds(100);

    /// <summary>How far a notice has come when its node is killed.</summary>
    public enum Moment
    {
        NotClaimed,
        ClaimedNotSent,
        SentNotAcked,
        AckedNotSettled,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Moment.NotClaimed)]
    [InlineData(Moment.ClaimedNotSent)]
    [InlineData(Moment.SentNotAcked)]
    [InlineData(Moment.AckedNotSettled)]
    public async Task NodeIsKilledByChoiceOfMoment_ItsCarsAreToldByTheOther_OnceEach(Moment moment)
    {
        bool hit = false;
        // The moment lasts a tenth of a second: a busy machine may miss it. Whatever was hit instead has to end as well.
        for (int round = 0; round < MostRounds && !hit; round++)
        {
            await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
            IReadOnlyList<StagePod> nodes = await stage.Stage.Pods.NodesAsync(Token);
            PodLinks links = stage.Stage.Pods.LinksOf(nodes[0]);
            await story.AddCarsAsync(Fleet, group => group with { AnswerAfter = moment == Moment.SentNotAcked ? TimeSpan.FromSeconds(3) : TimeSpan.Zero }, nodes[0], nodes[1]);
            if (moment is Moment.ClaimedNotSent or Moment.AckedNotSettled)
            {
                links.Redis.Slow(SlowLink);
            }

            await story.ApplyAsync(rate: 10);
            await UntilAsync(story, moment);
            stage.Stage.Pods.Kill(nodes[0]);
            links.Heal();
            // What had left the node is there by now, and no car has come to the other: it is sent to a second after its claim at the earliest.
            await Task.Delay(SlowLink, Token);
            hit = await IsAtAsync(story, moment);

            await story.EndsWellAsync();
        }

        hit.ShouldBeTrue($"killed {MostRounds} times, never {moment}");
    }

    [Fact]
    public async Task NodeHangsFor20SecondsDuringAFreeze_TheOtherWalksItsShardsAndTellsItsCars_AndItWakesToNoHarm()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        IReadOnlyList<StagePod> nodes = await stage.Stage.Pods.NodesAsync(Token);
        FleetGroup atTheOther = await story.AddCarsAsync(Fleet, null, nodes[1]);
        await story.AddCarsAsync(Fleet, null, nodes[0], nodes[1]);

        long paused = TimeProvider.System.GetTimestamp();
        stage.Stage.Pods.Pause(nodes[0]);
        await story.ApplyAsync(rate: 1000);
        await story.UntilAsync("the other's cars to be told", () => Task.FromResult(atTheOther.Vehicles.All(car => car.Seen.Count == 1)));
        TimeSpan rest = TimeSpan.FromSeconds(20) - TimeProvider.System.GetElapsedTime(paused);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Token);
        stage.Stage.Pods.Resume(nodes[0]);

        await story.EndsWellAsync();
    }

    private static async Task UntilAsync(FaultStory story, Moment moment)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await IsAtAsync(story, moment))
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(60), $"{moment} has come");
            await Task.Delay(2, Token);
        }
    }

    // The ledger first where it has to be ahead of the cars, the cars first where they have to be ahead of the ledger: what was read first can only have grown.
    private static async Task<bool> IsAtAsync(FaultStory story, Moment moment)
    {
        int toldBefore = story.Told;
        LedgerCounts ledger = await story.CountsAsync();
        return moment switch
        {
            Moment.NotClaimed => toldBefore > 0 && ledger.Pending > 0,
            Moment.ClaimedNotSent => ledger.InFlight + ledger.Delivered > story.Told,
            Moment.SentNotAcked => toldBefore > 0 && ledger.Delivered == 0,
            _ => toldBefore > ledger.Delivered,
        };
    }
}
