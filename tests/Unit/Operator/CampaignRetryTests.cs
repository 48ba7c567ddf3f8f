using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Retries;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>32 targets, two in each of 16 shards: what happens to each shard's cars happens to 16.</summary>
public sealed class CampaignRetryTests : CampaignLife
{
    [Fact]
    public void Completed_FailedOnesGoOnInTheSameLedger_AndItCompletesAgain()
    {
        Completed(failed: 1);
        string ledger = World.Ledger!.LedgerId;
        World.OpenOnNodes = 1;
        PushCampaignStatus before = World.Status;
        Retry(1);
        World.Settle();

        World.Ledger!.LedgerId.ShouldBe(ledger);
        World.Ledger.Pace!.Open.ShouldBeTrue();
        World.Order!.ShouldSatisfyAllConditions(
            order => order.Gate.ShouldBe(Gate.Open), order => order.Retry.ShouldBe(1), order => order.Notice.ShouldContain("\"retry\":1"), order => order.TakesNewVehicles.ShouldBeFalse("others are not touched"));
        World.Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe(CampaignPhase.Pushing),
            status => status.CompletedAt.ShouldBeNull(),
            status => status.Outcome.ShouldBeNull(),
            status => status.Counts!.Failed.ShouldBe(0),
            status => status.Counts!.Targeted.ShouldBe(32),
            status => status.Retry.ShouldBe(new RetryStatus { Round = 1, Retried = 16 }));
        Condition("Complete").ShouldBe(("False", Reasons.InProgress));
        CampaignEvents.Between(before, World.Status).Single(told => told.Reason == Reasons.Retried).Message.ShouldBe("Round 1: 16 cars are told once more");

        World.Change(counts => counts with { Pending = 0, PutBack = 0, Delivered = 2 });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Retry!.SettledAt.ShouldNotBeNull();
        Condition("Succeeded").ShouldBe(("True", Reasons.Succeeded));
        World.Tombstones.ShouldHaveSingleItem().ShouldSatisfyAllConditions(end => end.Retry.ShouldBe(1), end => end.Reopened.ShouldBeFalse());
    }

    [Fact]
    public void ARound_IsCarriedOutOnce_AndTheNextOnlyWhenItIsAskedFor()
    {
        Completed(failed: 1);
        Retry(1);
        World.Settle();
        World.Change(counts => counts with { Pending = 0, PutBack = 0, Failed = 1 });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Edit(spec => spec with { Retry = new RetryRequest { Round = 0 } });
        WaitOut();
        World.Edit(spec => spec with { Retry = null });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Status.Counts!.Failed.ShouldBe(16);

        Retry(5, "E_FLASH");
        World.Settle();
        World.Status.Retry!.ShouldSatisfyAllConditions(retry => retry.Round.ShouldBe(5), retry => retry.Retried.ShouldBe(16));
    }

    [Fact]
    public void WhileItRuns_ThePhaseSaysThatTheyArePushedAgain_UntilThoseOnlineHaveSettled()
    {
        Start();
        World.Change(counts => counts with { Pending = 1, Failed = 1 });
        World.Settle();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);

        World.OpenOnNodes = 1;
        Retry(1);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        Condition("Pushed").ShouldBe(("True", Reasons.OnlineSettled));
        World.Order!.TakesNewVehicles.ShouldBeFalse();

        World.Change(counts => counts with { Pending = 1, PutBack = 0, Delivered = 1 });
        World.OpenOnNodes = 0;
        for (int i = 0; i < 3; i++)
        {
            World.Settle();
            World.Now = World.Now.AddSeconds(1);
        }
        World.Status.Phase.ShouldBe(CampaignPhase.CatchingUp);
    }

    [Fact]
    public void NobodyHasFailed_ACompletedOneStaysCompleted()
    {
        Completed(failed: 0);
        DateTimeOffset? ended = World.Status.CompletedAt;
        Retry(1);
        WaitOut();

        World.Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe(CampaignPhase.Completed),
            status => status.CompletedAt.ShouldBe(ended),
            status => status.Retry!.Round.ShouldBe(1),
            status => status.Retry!.Retried.ShouldBe(0));
    }

    [Fact]
    public void HalfARound_IsGoneOnWith_AlsoWhenNobodyAsksForItAnyMore()
    {
        Completed(failed: 1);
        Retry(1);
        CampaignDecision decision = CampaignPlan.Decide(World.Observe());
        World.PutBack(decision.Step.ShouldBeOfType<CampaignStep.PutBack>(), shards: 7);
        World.Crash();
        World.Tombstones.Single().Reopened.ShouldBeFalse("nothing goes on before all are put back");
        World.Edit(spec => spec with { Retry = null });
        World.OpenOnNodes = 1;
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Status.Counts!.ShouldSatisfyAllConditions(counts => counts.Pending.ShouldBe(7), counts => counts.Failed.ShouldBe(9));
    }

    [Theory]
    [InlineData("aborted", 2)]
    [InlineData("cancelled", 1)]
    [InlineData("its time is over", 2)]
    [InlineData("a newer one came", 1)]
    public void HalfARound_ThatMayNotGoOn_CountsThoseOutWhomItHasPutBack(string story, int asked)
    {
        Completed(failed: 1);
        Retry(1);
        World.PutBack(CampaignPlan.Decide(World.Observe()).Step.ShouldBeOfType<CampaignStep.PutBack>(), shards: 7);
        World.Crash();
        DateTimeOffset age = World.Status.AcceptedAt ?? World.Status.StartedAt!.Value;
        World.Rivals = seen => story == "a newer one came" && RetryPlan.AsksRivals(seen)
            ? new Rivals([new Rival { Name = "other", AcceptedAt = age.AddSeconds(1), Started = true, Over = true }], Fresh: true)
            : Rivals.None;
        World.Now = story == "its time is over" ? World.Now.AddDays(8) : World.Now;
        World.Edit(spec => spec with { Abort = story == "aborted", Cancel = story == "cancelled", Retry = new RetryRequest { Round = asked } });
        WaitOut();

        World.Ledger!.ShouldSatisfyAllConditions(
            ledger => ledger.Retry.ShouldBe(1, "another round is not begun"),
            ledger => ledger.Pace!.Open.ShouldBeFalse(),
            ledger => (ledger.Counts.Pending, ledger.Counts.Failed, ledger.Counts.Expired).ShouldBe((0, 9, 7)));
        World.Tombstones.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            end => end.Reopened.ShouldBeFalse(), end => end.Retry.ShouldBe(1), end => (end.Counts.Failed, end.Counts.Expired).ShouldBe((9, 7)));
        CampaignPlan.IsEnd(World.Status.Phase).ShouldBeTrue();
    }

    [Theory]
    [InlineData("aborted")]
    [InlineData("expired")]
    [InlineData("cancelled after its end")]
    [InlineData("aborted after its end")]
    [InlineData("its time is over meanwhile")]
    [InlineData("its ledger has gone")]
    public void TooLate_SaysWhy_AndTellsNobody(string story)
    {
        if (story is "aborted" or "expired")
        {
            Start();
            World.Change(counts => counts with { Pending = 1, Failed = 1 });
            World.Edit(spec => story == "aborted" ? spec with { Abort = true } : spec with { Schedule = new Schedule { ExpireAt = World.Now.AddSeconds(1) } });
            WaitOut();
        }
        else
        {
            Completed(failed: 1);
        }
        if (story == "its ledger has gone")
        {
            World.Lose();
        }
        World.Edit(spec => story switch
        {
            "cancelled after its end" => spec with { Cancel = true },
            "aborted after its end" => spec with { Abort = true },
            _ => spec,
        });
        WaitOut();
        World.Now = story == "its time is over meanwhile" ? World.Now.AddDays(8) : World.Now;
        CampaignPhase? phase = World.Status.Phase;
        PushCampaignStatus before = World.Status;
        Retry(1);
        WaitOut();

        World.Status.Phase.ShouldBe(phase);
        World.Status.Retry!.Refused.ShouldNotBeNull().ShouldContain("raise spec.revision");
        World.Status.Retry.Round.ShouldBe(0);
        CampaignEvents.Between(before, World.Status).ShouldContain(told => told.Reason == Reasons.RetryRefused);
        (World.Order is { Gate: Gate.Open }).ShouldBeFalse();
        World.Ledger?.Pace!.Open.ShouldBeFalse();
        World.Edit(spec => spec with { Retry = null });
        WaitOut();
        World.Status.Retry?.Refused.ShouldBeNull();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public void ANewerCampaignOfThePatch_HasTheLastWord(int newerBySeconds, bool goesOn)
    {
        Completed(failed: 1);
        DateTimeOffset age = World.Status.AcceptedAt ?? World.Status.StartedAt!.Value;
        World.Rivals = seen => RetryPlan.AsksRivals(seen)
            ? new Rivals([new Rival { Name = "other", AcceptedAt = age.AddSeconds(newerBySeconds), Started = true, Over = true }], Fresh: true)
            : Rivals.None;
        World.OpenOnNodes = 1;
        Retry(1);
        WaitOut();

        World.Status.Phase.ShouldBe(goesOn ? CampaignPhase.Pushing : CampaignPhase.Completed);
        (World.Status.Retry?.Refused?.Contains("campaign other is newer", StringComparison.Ordinal) ?? false).ShouldBe(!goesOn);
    }

    [Fact]
    public void ANewerCampaignComesInBetween_ItGivesWay_WithoutHavingToldAnybody()
    {
        Completed(failed: 1);
        World.OpenOnNodes = 1;
        World.Rivals = seen => seen.Tombstone is null && RetryPlan.AsksRivals(seen)
            ? new Rivals([new Rival { Name = "other", AcceptedAt = World.Now.AddDays(1), Started = false }], Fresh: true)
            : Rivals.None;
        Retry(1);
        for (int i = 0; i < 60; i++)
        {
            World.Pass();
            World.Ledger!.Pace!.Open.ShouldBeFalse();
            World.Now = World.Now.AddSeconds(0.2);
        }

        World.Status.ShouldSatisfyAllConditions(
            status => status.Outcome.ShouldBe(Outcome.Superseded), status => status.SupersededBy.ShouldBe("other"), status => status.Counts!.Superseded.ShouldBe(16));
    }

    /// <summary>A hold may last for days, with a pass in each second.</summary>
    [Theory]
    [InlineData("suspended")]
    [InlineData("denied")]
    [InlineData("outside its windows")]
    public void Held_TheApiServerIsAskedForOthersOnlyOnceItMayOpen(string hold)
    {
        World.Edit(spec => spec with
        {
            Rollout = new Rollout { Approval = hold == "denied" ? ApprovalMode.Manual : ApprovalMode.None },
            Schedule = new Schedule { Windows = [new SendWindow { From = "12:00", To = "13:00", TimeZone = "UTC" }] },
        });
        World.Say(ApprovalVerb.Approve, "alice");
        Completed(failed: 1);
        World.OpenOnNodes = 1;
        Retry(1);
        Hold(hold, isHeld: true);
        RivalReader.AsksNow(World.Observe()).ShouldBeTrue("cars are about to be put back");
        World.Settle();
        World.Status.CompletedAt.ShouldBeNull();

        CampaignObservation held = World.Observe();
        (held.Ledger!.Pace!.Open, RivalReader.Concerns(held), RivalReader.AsksNow(held)).ShouldBe((false, true, false));

        World.Now = World.Now.AddSeconds(1);
        Hold(hold, isHeld: false);
        RivalReader.AsksNow(World.Observe()).ShouldBeTrue();
        World.Settle();
        World.Ledger!.Pace!.Open.ShouldBeTrue();
    }

    [Fact]
    public void Limits_JudgeTheRoundByItself()
    {
        World.Edit(spec => spec with { Rollout = new Rollout { AbortWhen = [new AbortLimit { Failure = LimitFailure.Failed, Percent = 60, MinSamples = 10 }] } });
        Start();
        World.Change(counts => counts with { Pending = 0, Delivered = 1, Failed = 1, NoAck = 0 });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed, "half of them failed, and that is within the limit");
        World.OpenOnNodes = 1;
        Retry(1);
        World.Settle();
        World.Status.Limits!.JudgedFrom!.ShouldSatisfyAllConditions(from => from.Attempted.ShouldBe(16), from => from.Failed.ShouldBe(0));

        World.Change(counts => counts with { Pending = 0, PutBack = 0, Failed = 1 });
        World.Pass();
        World.Status.Limits!.Exceeded!.ShouldSatisfyAllConditions(exceeded => exceeded.Cars.ShouldBe(16), exceeded => exceeded.Attempted.ShouldBe(16, "those of before count no more"));
    }

    [Fact]
    public void AHigherRevision_ClosesWhatGoesOn_AndDoesNotTryItsOwnCarsAgain()
    {
        Completed(failed: 1);
        World.OpenOnNodes = 1;
        Retry(1);
        World.Settle();
        World.Edit(spec => spec with { Revision = 2 });
        WaitOut();

        World.Tombstones.Single(end => end.Revision == 1).ShouldSatisfyAllConditions(
            end => end.Reopened.ShouldBeFalse(), end => end.Reason.ShouldBe(Reasons.Superseded), end => end.Counts.Expired.ShouldBe(16));
        World.LedgerOf(1)!.Pace!.Open.ShouldBeFalse();
        World.Status.Retry.ShouldBeNull();
    }

    [Fact]
    public void AHigherRevision_BeforeTheStatusSaysThatItGoesOn_ClosesItAsWell()
    {
        Completed(failed: 1);
        Retry(1);
        for (int passes = 0; passes < 10 && !World.Tombstones.Single().Reopened; passes++)
        {
            World.Pass();
        }
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.Edit(spec => spec with { Revision = 2 });
        World.Pass();
        Condition("Complete").ShouldBe(("False", Reasons.InProgress), "the higher revision has not begun");
        WaitOut();

        World.Tombstones.Single(end => end.Revision == 1).ShouldSatisfyAllConditions(
            end => end.Reopened.ShouldBeFalse(), end => end.Reason.ShouldBe(Reasons.Superseded), end => end.Counts.Expired.ShouldBe(16));
        World.LedgerOf(1)!.Counts.Pending.ShouldBe(0);
        World.Status.Revision.ShouldBe(2);
    }

    [Fact]
    public void RecreatedWhileItGoesOn_TellsNobody()
    {
        Completed(failed: 1);
        World.OpenOnNodes = 1;
        Retry(1);
        World.Settle();
        World.Lose();
        World.Campaign = CampaignWorld.NewCampaign("uid-2", World.Campaign!.Spec);
        World.Order = null;
        WaitOut();

        World.Status.Phase.ShouldBe(CampaignPhase.Completed, "as it had ended before");
        World.Ledger.ShouldBeNull();
    }

    [Fact]
    public void TheCap_IsNoEndForThoseWhoHadTheirShareOfIt()
    {
        World.Edit(spec => spec with { Targets = spec.Targets with { MaxRecipients = 16 } });
        Start();
        World.Change(counts => counts with { Pending = 0, Failed = 1, Suppressed = 1 });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
        World.OpenOnNodes = 1;
        Retry(1);
        World.Settle();
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Status.Counts!.ShouldSatisfyAllConditions(counts => counts.Pending.ShouldBe(16), counts => counts.Suppressed.ShouldBe(16));
    }

    private void Hold(string hold, bool isHeld)
    {
        switch (hold)
        {
            case "suspended":
                World.Edit(spec => spec with { Suspend = isHeld });
                break;
            case "denied":
                World.Say(isHeld ? ApprovalVerb.Deny : ApprovalVerb.Approve, "bob");
                break;
            default:
                World.Now = World.Now.AddHours(isHeld ? 2 : 22);
                break;
        }
    }

    private void Retry(int round, params string[] codes) =>
        World.Edit(spec => spec with { Retry = new RetryRequest { Round = round, Codes = codes.Length == 0 ? null : codes } });

    /// <summary>Of the two targets of each shard.</summary>
    private void Completed(int failed)
    {
        Start();
        World.Change(counts => counts with { Pending = 0, Delivered = 2 - failed, Failed = failed });
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Completed);
    }
}
