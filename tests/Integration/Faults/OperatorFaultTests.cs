using System.Text.RegularExpressions;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>Two operators, of which the leading one dies at every turn, or hangs and wakes when another leads.</summary>
public sealed partial class OperatorFaultTests(OperatorsStage stage) : IClassFixture<OperatorsStage>
{
    private const int Fleet = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LeaderIsKilledAtTheFirstOfEachStepOfThePlan_EachCarIsToldOnce()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(Fleet);
        IReadOnlyList<StagePod> operators = await stage.Stage.Pods.OperatorsAsync(Token);
        // With a cap, so that the quota has to be moved and the rest to be ended.
        await story.ApplyAsync(rate: 20, cap: Fleet - 10);

        HashSet<string> killedAt = [];
        async Task<bool> KillOrEndAsync()
        {
            foreach (StagePod pod in operators)
            {
                string[] steps = [.. await StepsAsync(pod, story)];
                if (steps.Any(killedAt.Add))
                {
                    killedAt.UnionWith(steps);
                    stage.Stage.Pods.Kill(pod);
                    // Spares the story the wait until a dead holder's lease runs out.
                    await DropLeaseAsync();
                }
            }

            return (await story.StatusAsync()).Phase == CampaignPhase.Completed;
        }

        // Each death costs a start and an election.
        await story.UntilAsync("the end", KillOrEndAsync, TimeSpan.FromMinutes(3));

        killedAt.ShouldBeSubsetOf(["CreateLedger", "Align", "MoveQuota", "EndOpenRecords", "Finish", "Retire"]);
        killedAt.Count.ShouldBeGreaterThanOrEqualTo(4);
        await story.EndsWellAsync(suppressed: 10);
    }

    [Fact]
    public async Task LeaderHangs_TheOtherIsToldToStop_AndTheOldOneWakesWithOlderPlans_NothingIsSentUntilAPersonSaysSo()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(Fleet);
        StagePod stale = (await stage.Stage.Pods.LeaderAsync(Token)).ShouldNotBeNull();
        await story.ApplyAsync(rate: 1);
        await story.UntilToldAsync(2);

        await using LagProbe lag = new();
        stage.Stage.Pods.Pause(stale);
        await story.PatchAsync("""{"suspend":true}""");
        DateTimeOffset written = TimeProvider.System.GetUtcNow();
        await story.UntilPhaseAsync(CampaignPhase.Suspended);
        (await stage.Stage.Pods.LeaderAsync(Token)).ShouldNotBe(stale);
        (story.Cars.Where(car => car.Seen.Count > 0).Max(car => car.Seen[0].FirstAt) - written)
            .ShouldBeLessThan(TimeSpan.FromSeconds(20) + lag.Worst, "G5 across a crash of the leader");

        int starts = await StartsAsync(stale);
        int told = story.Copies;
        told.ShouldBeLessThan(Fleet);
        stage.Stage.Pods.Resume(stale);
        // Until it has found out and ended itself; then it is the second again.
        await story.UntilAsync("the old leader to give up", async () => await StartsAsync(stale) > starts && (await stage.Stage.Pods.OperatorsAsync(Token)).All(pod => pod.Ready));
        (await story.Ledgers.ReadAsync(story.Key, Token))!.Pace!.Open.ShouldBeFalse();
        story.Copies.ShouldBe(told);

        await story.PatchAsync("""{"suspend":false,"pace":{"maxPerSecond":1000}}""");
        await story.EndsWellAsync();
    }

    [GeneratedRegex(@"Campaign (?<campaign>\S+) revision 1: (?<step>\w+)")]
    private static partial Regex Acting();

    private async Task<IEnumerable<string>> StepsAsync(StagePod pod, FaultStory story) => stage.Stage.Pods.LogPath(pod) is { } log
        ? Acting().Matches(await File.ReadAllTextAsync(log, Token)).Where(line => line.Groups["campaign"].Value == story.Key.CampaignId).Select(line => line.Groups["step"].Value)
        : [];

    [GeneratedRegex("this is ")]
    private static partial Regex Starting();

    private async Task<int> StartsAsync(StagePod pod) => Starting().Count(await File.ReadAllTextAsync(stage.Stage.Pods.LogPath(pod)!, Token));

    private async Task DropLeaseAsync()
    {
        if (await stage.Stage.Kubernetes.GetAsync<V1Lease>(Manifests.OperatorLease, Manifests.Namespace, Token) is not null)
        {
            await stage.Stage.Kubernetes.DeleteAsync<V1Lease>(Manifests.OperatorLease, Manifests.Namespace, cancellationToken: Token);
        }
    }
}
