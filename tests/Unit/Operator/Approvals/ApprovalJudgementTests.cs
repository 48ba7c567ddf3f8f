using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Approvals;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Approvals;

/// <summary>Whether an approval counts, and what its writer is told if not.</summary>
public sealed class ApprovalJudgementTests
{
    private const string Hash = "59933da6ae3a04c4b07df343662e76a8";

    [Theory]
    [InlineData(ApprovalVerb.Approve)]
    [InlineData(ApprovalVerb.Deny)]
    [InlineData(ApprovalVerb.Promote)]
    [InlineData(ApprovalVerb.PromoteAll)]
    public void WellGiven_Counts(ApprovalVerb verb) => Judge(spec => spec with { Verb = verb }).ShouldBe(new ApprovalVerdict(true, ApprovalReasons.Accepted, $"{verb} by alice"));

    [Fact]
    public void NobodyKnowsWhoWrites_DoesNotCount() => Judge(isProven: false)!.Reason.ShouldBe(ApprovalReasons.IdentityNotProven);

    [Fact]
    public void AboutAnotherSpec_DoesNotCount_AndNamesTheOneThatStands()
    {
        ApprovalVerdict verdict = Judge(spec => spec with { SpecHash = new string('0', 32) })!;

        verdict.Reason.ShouldBe(ApprovalReasons.SpecChanged);
        verdict.Message.ShouldContain(Hash);
    }

    [Fact]
    public void StatusAnswersAnOlderSpec_IsNotJudgedYet()
    {
        Judge(campaign: Campaign(status => status with { ObservedGeneration = 1 })).ShouldBeNull();
        Judge(campaign: Campaign(status => status with { SpecHash = null })).ShouldBeNull();
    }

    [Theory]
    [InlineData(CampaignPhase.Completed)]
    [InlineData(CampaignPhase.Aborted)]
    [InlineData(CampaignPhase.Expired)]
    public void TheCampaignIsOver_DoesNotCount(CampaignPhase phase) =>
        Judge(campaign: Campaign(status => status with { Phase = phase }))!.Reason.ShouldBe(ApprovalReasons.CampaignOver);

    [Fact]
    public void TheCampaignIsBeingDeleted_DoesNotCount()
    {
        PushCampaign campaign = Campaign(status => status);
        campaign.Metadata = campaign.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch };

        Judge(campaign: campaign)!.Reason.ShouldBe(ApprovalReasons.CampaignOver);
    }

    [Fact]
    public void NoSuchCampaign_DoesNotCount() =>
        ApprovalJudgement.Of(Approval(spec => spec), campaign: null, isProven: true)!.Reason.ShouldBe(ApprovalReasons.CampaignNotFound);

    [Theory]
    [InlineData(ApprovalVerb.Approve, "spec.rollout.approval is None")]
    [InlineData(ApprovalVerb.Deny, "spec.rollout.approval is None")]
    [InlineData(ApprovalVerb.Promote, "spec.rollout.steps is empty")]
    [InlineData(ApprovalVerb.PromoteAll, "spec.rollout.steps is empty")]
    public void NobodyWaitsForIt_DoesNotCount(ApprovalVerb verb, string why)
    {
        PushCampaign campaign = Campaign(status => status);
        campaign.Spec = campaign.Spec with { Rollout = new Rollout() };

        ApprovalVerdict verdict = Judge(spec => spec with { Verb = verb }, campaign)!;

        verdict.Reason.ShouldBe(ApprovalReasons.NotAwaited);
        verdict.Message.ShouldContain(why);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StepState.Pending)]
    [InlineData(StepState.Done)]
    public void NoStepIsOpen_PromotionOfAllCounts_OfOneDoesNot(StepState? state)
    {
        PushCampaign campaign = Campaign(status => status with { Steps = state is { } its ? [new StepStatus { State = its }] : null });

        Judge(spec => spec with { Verb = ApprovalVerb.Promote }, campaign)!.Reason.ShouldBe(ApprovalReasons.NotAwaited);
        Judge(spec => spec with { Verb = ApprovalVerb.PromoteAll }, campaign)!.Accepted.ShouldBeTrue();
    }

    [Fact]
    public void FaultsInIt_AreAllNamed()
    {
        ApprovalVerdict verdict = Judge(spec => spec with { SpecHash = "x", ApprovedBy = "" })!;

        verdict.Reason.ShouldBe(ApprovalReasons.InvalidSpec);
        verdict.Message.ShouldContain("spec.specHash");
        verdict.Message.ShouldContain("spec.approvedBy");
    }

    private static ApprovalVerdict? Judge(
        Func<PushCampaignApprovalSpec, PushCampaignApprovalSpec>? change = null, PushCampaign? campaign = null, bool isProven = true) =>
        ApprovalJudgement.Of(Approval(change ?? (spec => spec)), campaign ?? Campaign(status => status), isProven);

    private static PushCampaignApproval Approval(Func<PushCampaignApprovalSpec, PushCampaignApprovalSpec> change) => new()
    {
        Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "fleet" },
        Spec = change(new PushCampaignApprovalSpec { CampaignRef = new CampaignReference { Name = "brakes" }, SpecHash = Hash, ApprovedBy = "alice" }),
    };

    private static PushCampaign Campaign(Func<PushCampaignStatus, PushCampaignStatus> change)
    {
        PushCampaign campaign = CampaignWorld.NewCampaign("uid-1");
        campaign.Metadata = campaign.Metadata with { Generation = 2 };
        campaign.Spec = campaign.Spec with { Rollout = new Rollout { Approval = ApprovalMode.Manual, Steps = [new RolloutStep { Count = 10 }] } };
        campaign.Status = change(new PushCampaignStatus
        {
            ObservedGeneration = 2,
            Phase = CampaignPhase.AwaitingApproval,
            SpecHash = Hash,
            Steps = [new StepStatus { State = StepState.AwaitingPromotion }],
        });
        return campaign;
    }
}
