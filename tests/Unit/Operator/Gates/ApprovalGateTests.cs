using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Gates;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Gates;

/// <summary>Nothing goes out before a person saw the number.</summary>
public sealed class ApprovalGateTests : CampaignLife
{
    public ApprovalGateTests() => World.Edit(spec => spec with { Rollout = new Rollout { Approval = ApprovalMode.Manual } });

    [Fact]
    public void NobodyHasSpoken_ShowsTheNumberAndHowToApprove_AndMakesNoLedger()
    {
        Preview();
        World.Settle();

        World.Ledger.ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
        Condition("Paused").ShouldBe(("True", Reasons.AwaitingApproval));
        World.Status.Message!.ShouldStartWith("32 cars match, 20 of them online; ");
        World.Status.Message!.ShouldContain($"specHash: '{World.Status.SpecHash}'");
        World.Status.Message!.ShouldContain("kubectl create -f -");
    }

    [Fact]
    public void Approved_StartsAndSaysWho()
    {
        Preview();
        World.Settle();
        PushCampaignStatus before = World.Status;
        World.Say(ApprovalVerb.Approve, "alice", "go");
        Start();

        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Status.Approvals!.ShouldHaveSingleItem().By.ShouldBe("alice");
        CampaignEvents.Between(before, World.Status).ShouldContain(new CampaignEvent(Reasons.Approved, "Approve by alice: go"));
    }

    [Fact]
    public void ApprovedWhileItIsSuspended_GoesOnceThatIsLifted()
    {
        World.Edit(spec => spec with { Suspend = true });
        Preview();
        World.Settle();
        World.Say(ApprovalVerb.Approve, "alice");
        World.Settle();
        World.Ledger.ShouldBeNull();

        World.Edit(spec => spec with { Suspend = false });
        World.Settle();
        World.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void ChangedAfterTheApproval_WaitsForAnother()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        World.Edit(spec => spec with { Pace = new Pace { MaxPerSecond = 5000 } });
        Preview();
        World.Settle();
        World.Ledger.ShouldBeNull();
        World.Status.Approvals.ShouldBeNull();

        World.Edit(spec => spec with { Pace = new Pace() });
        World.Settle();
        World.Ledger.ShouldNotBeNull("what was approved stands again");
    }

    [Fact]
    public void ChangedWhileItIsPushed_StopsUntilItIsApproved()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        Start();
        World.Edit(spec => spec with { Pace = new Pace { MaxPerSecond = 5000 } });
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
        World.Status.Message!.ShouldStartWith("0 of 32 delivered; ");

        World.Say(ApprovalVerb.Approve, "alice");
        World.Settle();
        World.Ledger!.Pace.ShouldBe(World.Ledger.Pace with { Open = true, RatePerSecond = 5000 });
    }

    [Fact]
    public void Denied_SaysWhoAndWhy_AndTheLastWordCounts()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        Start();
        World.Say(ApprovalVerb.Deny, "bob", "the download server is down");
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        Condition("Paused").ShouldBe(("True", Reasons.Denied));
        World.Status.Message!.ShouldContain("denied by bob (the download server is down)");

        World.Now = World.Now.AddSeconds(1);
        World.Say(ApprovalVerb.Approve, "alice");
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeTrue();
    }

    [Fact]
    public void ADenialThatIsDeleted_StillDenies()
    {
        Preview();
        World.Say(ApprovalVerb.Deny, "bob");
        World.Settle();
        World.Approvals.Clear();
        World.Crash();
        World.Settle();

        World.Ledger.ShouldBeNull();
        Condition("Paused").ShouldBe(("True", Reasons.Denied));
    }

    [Fact]
    public void MadeAgainUnderItsName_NeedsAnotherApproval()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        World.Campaign = CampaignWorld.NewCampaign("uid-2", World.Campaign!.Spec);
        Preview();
        World.Settle();

        World.Ledger.ShouldBeNull();
    }

    [Fact]
    public void HigherRevision_NeedsAnotherApproval()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        Start();
        World.Edit(spec => spec with { Revision = 2 });
        WaitOut();

        World.LedgerOf(2).ShouldBeNull();
        World.Status.Phase.ShouldBe(CampaignPhase.AwaitingApproval);
    }

    [Fact]
    public void ManyWords_TheLastApprovalIsNeverForgotten()
    {
        World.Say(ApprovalVerb.Approve, "alice");
        for (int i = 0; i < 40; i++)
        {
            World.Now = World.Now.AddSeconds(1);
            World.Say(ApprovalVerb.Promote, "carol");
        }
        Preview();
        World.Settle();

        World.Status.Approvals!.Count.ShouldBe(ApprovalList.Most);
        World.Status.Approvals[0].Verb.ShouldBe(ApprovalVerb.Approve);
        World.Approvals.Clear();
        World.Settle();
        World.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void ApprovalAndDenialInOneSecond_TheDenialCounts()
    {
        World.Say(ApprovalVerb.Deny, "bob");
        World.Say(ApprovalVerb.Approve, "alice");
        Preview();
        World.Settle();

        World.Ledger.ShouldBeNull();
    }
}
