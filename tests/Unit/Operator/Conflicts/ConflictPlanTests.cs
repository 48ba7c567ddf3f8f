using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Conflicts;

/// <summary>Two campaigns that push the same patch, from the first look to the end.</summary>
public sealed class ConflictPlanTests
{
    private const int Old = 0;
    private const int New = 1;

    private readonly ConflictWorld _world = new(2);

    [Fact]
    public void Queue_WaitsForTheOneThatRuns_AndSaysWhatToDo_ThenGoesByItself()
    {
        Create(Old);
        Play(5);
        Create(New);
        Play(10);

        Phase(New).ShouldBe(CampaignPhase.Paused);
        Condition(New, "Paused").ShouldBe(Reasons.Queued);
        _world[New].Status.Message.ShouldBe(
            "32 cars match, 20 of them online; waits for the end of campaign c0, which is pushing brake: abort or delete that one, or set spec.conflictPolicy to Supersede to take its place");
        IsOpen(Old).ShouldBeTrue();
        _world[New].Status.Preview!.ObservedAt.ShouldNotBeNull().ShouldBe(_world.Now, TimeSpan.FromSeconds(2), "the preview stays fresh");

        _world[Old].Edit(spec => spec with { Abort = true });
        Play(10);
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void Queue_TheOneItWaitsForIsDeleted_Goes()
    {
        Create(Old, spec => spec with { Suspend = true });
        Create(New);
        Play(5);
        Condition(New, "Paused").ShouldBe(Reasons.Queued);

        _world[Old].Delete();
        Play(6);

        _world[Old].Campaign.ShouldBeNull();
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void Queue_WithAHigherPriority_GoesFirst_AndTheOlderOneNeverFollows()
    {
        Create(Old, spec => spec with { Suspend = true });
        Play(3);
        Create(New, spec => spec with { Priority = 501 });
        Play(8);

        IsOpen(New).ShouldBeTrue();
        Phase(Old).ShouldBe(CampaignPhase.Aborted);
        _world[Old].Status.Outcome.ShouldBe(Outcome.Superseded);
        _world[Old].Edit(spec => spec with { Suspend = false });
        Play(8);
        Phase(Old).ShouldBe(CampaignPhase.Aborted);
    }

    [Fact]
    public void Queue_WithALowerPriority_LetsANewerOneGoFirst_AndEndsWithIt()
    {
        Create(Old, spec => spec with { Priority = 100, Rollout = new Rollout { Approval = ApprovalMode.Manual } });
        Play(3);
        Create(New);
        Play(8);

        IsOpen(New).ShouldBeTrue();
        _world[Old].Status.Outcome.ShouldBe(Outcome.Superseded);
        _world[Old].Status.Message.ShouldBe("Campaign c1, a newer push of this patch, took its place: 0 of 0 delivered");
    }

    [Fact]
    public void Supersede_TheNewGateOpensOnlyWhenNothingOfTheOldOneCanBeOnItsWay()
    {
        Create(Old);
        Play(6);
        IsOpen(Old).ShouldBeTrue();
        _world[Old].Change(counts => counts with { Pending = 0, Delivered = 1, InFlight = 1 });
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Supersede });
        DateTimeOffset? closed = null;
        for (int i = 0; i < 400 && !IsOpen(New); i++)
        {
            Round(TimeSpan.FromMilliseconds(100));
            closed ??= IsOpen(Old) ? null : _world.Now;
        }

        IsOpen(New).ShouldBeTrue();
        (_world.Now - closed.ShouldNotBeNull()).ShouldBeGreaterThanOrEqualTo(RunningPlan.Grace);
        (_world.Now - closed.Value).ShouldBeLessThan(TimeSpan.FromSeconds(20), "what was sent may be answered for 30 s: nobody waits for that");
        Phase(Old).ShouldBe(CampaignPhase.Pushing);

        _world[Old].Change(counts => counts with { Delivered = counts.Delivered + 1, InFlight = 0 });
        Play(3);
        Phase(Old).ShouldBe(CampaignPhase.Aborted);
    }

    [Fact]
    public void Supersede_WhatIsOpenIsCountedAsSuperseded_AndWhatWasSentIsStillAnswered()
    {
        Create(Old);
        Play(6);
        _world[Old].Change(counts => counts with { Pending = 1, InFlight = 1 });
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Supersede });
        Play(6);
        PushCampaignStatus old = _world[Old].Status;
        old.SupersededBy.ShouldBe("c1");
        (old.Counts!.Pending, old.Counts.InFlight, old.Counts.Superseded, old.Counts.Expired).ShouldBe((0, 16, 16, 0));

        _world[Old].Change(counts => counts with { InFlight = 0, Delivered = counts.Delivered + 1 });
        Play(4);
        old = _world[Old].Status;
        (old.Counts!.Delivered, old.Counts.Superseded, old.Counts.Targeted).ShouldBe((16, 16, 32));
        (old.Phase, old.Outcome, old.AbortReason, Condition(Old, "Complete")).ShouldBe((CampaignPhase.Aborted, Outcome.Superseded, Reasons.Superseded, Reasons.Superseded));
    }

    [Fact]
    public void Supersede_OfAHigherPriority_Waits()
    {
        Create(Old, spec => spec with { Priority = 900 });
        Play(6);
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Supersede });
        Play(6);

        IsOpen(Old).ShouldBeTrue();
        _world[New].Status.Message!.ShouldContain("with a higher spec.priority (900): abort or delete that one, or set spec.priority to 900 and spec.conflictPolicy to Supersede");
    }

    [Fact]
    public void Supersede_ThatMayNotStartYet_LeavesTheOldOneAlone()
    {
        Create(Old);
        Play(6);
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Supersede, Rollout = new Rollout { Approval = ApprovalMode.Manual } });
        Play(6);

        IsOpen(Old).ShouldBeTrue();
        Phase(New).ShouldBe(CampaignPhase.AwaitingApproval);
        _world[New].Say(ApprovalVerb.Approve, "alice");
        Play(8);
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void Reject_AnotherIsOpen_EndsAtOnce_AndOnlyAHigherRevisionTriesAgain()
    {
        Create(Old, spec => spec with { Suspend = true });
        Play(3);
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Reject });
        Play(3);

        (Phase(New), _world[New].Status.Outcome, _world[New].Status.AbortReason).ShouldBe((CampaignPhase.Aborted, Outcome.Aborted, Reasons.Conflict));
        _world[New].Status.Message.ShouldBe("Campaign c0 pushes this patch already, and spec.conflictPolicy is Reject: nothing was sent; raise spec.revision to try again");
        _world[Old].Edit(spec => spec with { Abort = true });
        Play(6);
        Phase(New).ShouldBe(CampaignPhase.Aborted);

        _world[New].Edit(spec => spec with { Revision = 2 });
        Play(6);
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void Reject_WhoseListTakesLongToRead_EndsAllTheSame_AndTakesNobodysPlace()
    {
        Create(Old, spec => spec with { Suspend = true, Priority = 100 });
        Play(3);
        _world[New].Lists = new TargetLists { Progress = "reading list 1 of 1, 400000 vids so far" };
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Reject, Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new() { Name = "l" } }] } });
        Play(1);
        (Phase(New), _world[New].Status.AbortReason).ShouldBe((CampaignPhase.Aborted, Reasons.Conflict));

        _world[New].Lists = CampaignWorld.ListsOf("hash", "a", "b");
        Play(6);
        (Phase(New), _world[New].Status.AbortReason).ShouldBe((CampaignPhase.Aborted, Reasons.Conflict));
        (Phase(Old), _world[Old].Status.SupersededBy).ShouldBe((CampaignPhase.Suspended, null));
    }

    /// <summary>Whatever keeps it from ending in the pass that finds the other one.</summary>
    [Fact]
    public void Reject_IsNotAcceptedWhileAnotherIsOpen()
    {
        Create(Old, spec => spec with { Suspend = true });
        Play(3);
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Reject });
        CampaignObservation seen = _world[New].Observe();
        CampaignDecision busy = WaitingPlan.ReadingLists(seen, "");
        CampaignStatus.Of(seen, busy.Standing).AcceptedAt.ShouldBeNull();

        _world[New].Edit(spec => spec with { ConflictPolicy = ConflictPolicy.Queue });
        CampaignStatus.Of(_world[New].Observe(), busy.Standing).AcceptedAt.ShouldNotBeNull();
    }

    [Fact]
    public void Invalid_HoldsNobodyUp_AndNeverFollowsANewerOne()
    {
        Create(Old, spec => spec with { Suspend = true });
        Play(3);
        _world[Old].Faults = ["spec.pace: impossible"];
        Play(2);
        Create(New);
        Play(8);

        IsOpen(New).ShouldBeTrue();
        _world[Old].Faults = [];
        _world[Old].Edit(spec => spec with { Suspend = false });
        Play(6);
        _world[Old].Status.Outcome.ShouldBe(Outcome.Superseded);
    }

    [Fact]
    public void LedgerLost_HoldsNobodyUp()
    {
        Create(Old);
        Play(6);
        _world[Old].Lose();
        Play(2);
        Condition(Old, "Stalled").ShouldBe(Reasons.LedgerLost);
        Create(New);
        Play(10);

        IsOpen(New).ShouldBeTrue();
        _world[Old].Status.Outcome.ShouldBe(Outcome.Superseded);
    }

    [Fact]
    public void OtherPatches_AreNoRivals()
    {
        Create(Old);
        Create(New, spec => spec with { Patch = spec.Patch with { Id = "steering" } });
        Play(6);

        IsOpen(Old).ShouldBeTrue();
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void DryRuns_AreNoRivals()
    {
        Create(Old, spec => spec with { DryRun = true });
        Play(6);
        Create(New, spec => spec with { ConflictPolicy = ConflictPolicy.Reject });
        Play(6);
        IsOpen(Old).ShouldBeTrue();
        IsOpen(New).ShouldBeTrue();
    }

    [Fact]
    public void Completed_IsMarkedWhenANewerOneStarts_SoThatItNeverGoesOn_AndStaysWhatItWas()
    {
        Create(Old);
        Play(6);
        _world[Old].Change(counts => counts with { Pending = 0, Delivered = counts.Targeted });
        _world[Old].OpenOnNodes = 0;
        Play(4);
        Phase(Old).ShouldBe(CampaignPhase.Completed);

        Create(New);
        Play(1);
        Condition(New, "Paused").ShouldBeNull("there is nothing to wait for");
        Play(4);
        IsOpen(New).ShouldBeTrue();
        PushCampaignStatus old = _world[Old].Status;
        (old.Phase, old.Outcome, old.SupersededBy, old.Counts!.Delivered).ShouldBe((CampaignPhase.Completed, Outcome.Succeeded, "c1", 32));
    }

    [Fact]
    public void Completed_AndRefusedAfterwards_HoldsNobodyUp()
    {
        Create(Old);
        Play(6);
        _world[Old].Change(counts => counts with { Pending = 0, Delivered = counts.Targeted });
        _world[Old].OpenOnNodes = 0;
        Play(4);
        _world[Old].Edit(spec => spec with { DryRun = true });
        Play(1);
        Condition(Old, "Stalled").ShouldBe(Reasons.RevisionReused);

        Create(New);
        Play(8);
        IsOpen(New).ShouldBeTrue();
        (Phase(Old), _world[Old].Status.SupersededBy).ShouldBe((CampaignPhase.Completed, "c1"));
    }

    [Fact]
    public void Priority_IsToldToTheNodes()
    {
        Create(Old, spec => spec with { Priority = 7 });
        Play(6);
        _world[Old].Order!.Priority.ShouldBe(7);

        _world[Old].Edit(spec => spec with { Priority = 8 });
        Play(2);
        _world[Old].Order!.Priority.ShouldBe(8);
    }

    private void Create(int which, Func<PushCampaignSpec, PushCampaignSpec>? change = null)
    {
        PushCampaignSpec spec = new() { Patch = new Patch { Id = "brake", Version = $"{which}" }, Targets = new Targets { All = true } };
        _world.Create(which, change is null ? spec : change(spec));
    }

    private void Play(int seconds)
    {
        for (int i = 0; i < seconds * 10; i++)
        {
            Round(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Round(TimeSpan time)
    {
        _world.CatchUp();
        foreach (int which in (int[])[Old, New])
        {
            if (_world[which].Campaign is not null)
            {
                _world.Pass(which);
                Freeze(_world[which]);
            }
        }
        _world.Now += time;
    }

    private static void Freeze(CampaignWorld member)
    {
        if (member.Order is { Gate: Gate.Freeze })
        {
            member.Freeze(16, member.Matching);
        }
    }

    private CampaignPhase? Phase(int which) => _world[which].Status.Phase;

    private bool IsOpen(int which) => _world[which].Order is { Gate: Gate.Open } && _world[which].Ledger is { Pace.Open: true };

    private string? Condition(int which, string type) => _world[which].Status.Conditions!.FirstOrDefault(condition => condition.Type == type)?.Reason;
}
