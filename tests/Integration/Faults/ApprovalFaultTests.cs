using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>The leading one of two operators dies while a campaign waits for a person, who speaks while nobody leads.</summary>
public sealed class ApprovalFaultTests(OperatorsStage stage) : IClassFixture<OperatorsStage>
{
    private const int Fleet = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheLeaderIsKilledWhileItWaits_ThePersonIsHeardByTheNext_AndADenialStopsIt()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(Fleet);
        await story.ApplyAsync(rate: 4, rollout: new Rollout { Approval = ApprovalMode.Manual });
        await story.UntilPhaseAsync(CampaignPhase.AwaitingApproval);
        stage.Stage.Pods.Kill((await stage.Stage.Pods.LeaderAsync(Token)).ShouldNotBeNull());
        await SayAsync(story, ApprovalVerb.Approve);
        await story.UntilToldAsync(5);

        await SayAsync(story, ApprovalVerb.Deny);
        await story.UntilPhaseAsync(CampaignPhase.AwaitingApproval);
        // What had left when the gate closed arrives within the half second of a lease; the campaign then stands still, which the ledger shows.
        await story.UntilAsync("nothing to be in flight", async () => (await story.CountsAsync()).InFlight == 0);
        story.Told.ShouldBeLessThan(Fleet);

        // Of what is said in one second, as the API server keeps times, the denial counts.
        DateTimeOffset denied = (await story.StatusAsync()).Approvals![^1].At;
        await story.UntilAsync("the next second", () => Task.FromResult(TimeProvider.System.GetUtcNow() >= denied.AddSeconds(1)));
        await SayAsync(story, ApprovalVerb.Approve);
        await story.EndsWellAsync();
        story.Copies.ShouldBe(Fleet, "nobody is told twice");
        (await story.StatusAsync()).Approvals!.Select(said => said.Verb).ShouldBe([ApprovalVerb.Approve, ApprovalVerb.Deny, ApprovalVerb.Approve]);
    }

    private async Task SayAsync(FaultStory story, ApprovalVerb verb)
    {
        PushCampaignStatus status = await story.StatusAsync();
        await stage.Stage.Kubernetes.CreateAsync(
            new PushCampaignApproval
            {
                Metadata = new V1ObjectMeta { GenerateName = $"{story.Name}-", NamespaceProperty = Manifests.Namespace },
                Spec = new PushCampaignApprovalSpec
                {
                    CampaignRef = new CampaignReference { Name = story.Name },
                    Verb = verb,
                    SpecHash = status.SpecHash.ShouldNotBeNull(),
                    // Who LocalCluster takes everybody for.
                    ApprovedBy = "localcluster",
                },
            },
            cancellationToken: Token);
    }
}
