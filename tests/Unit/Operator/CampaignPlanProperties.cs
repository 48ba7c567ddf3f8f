using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>What must hold whatever happens, in whatever order, wherever the operator dies.</summary>
public sealed class CampaignPlanProperties
{
    private enum Happening
    {
        Pass,
        SecondPasses,
        DiesBeforeTheStep,
        DiesBetweenPaceAndOrder,
        DiesBeforeTheStatus,
        Suspends,
        Resumes,
        NodesPreview,
        NodesFreezeSome,
        NodesFreezeAll,
        CarsAreTold,
        NodesAreBusy,
        NodesAreQuiet,
        Aborts,
        Cancels,
        CarsForget,
        RaisesTheRevision,
        ShardIsLost,
        HourPasses,
        Deletes,
        CarsFail,
        AsksForARetry,
        DiesInMidRetry,
    }

    // What mostly happens is the plain course of a campaign: rare ends must not keep long lives from being tried.
    private static readonly Gen<Happening[]> Histories = Gen.Frequency(
        (30, Gen.Constant(Happening.Pass)),
        (10, Gen.Constant(Happening.SecondPasses)),
        (12, Gen.Elements(Happening.CarsForget, Happening.NodesPreview, Happening.NodesFreezeAll, Happening.CarsAreTold, Happening.NodesAreQuiet)),
        (4, Gen.Elements(Happening.CarsFail, Happening.AsksForARetry, Happening.DiesInMidRetry)),
        (8, Gen.Elements(Happening.DiesBeforeTheStep, Happening.DiesBetweenPaceAndOrder, Happening.DiesBeforeTheStatus)),
        (6, Gen.Elements(Happening.Suspends, Happening.Resumes, Happening.NodesFreezeSome, Happening.NodesAreBusy)),
        (1, Gen.Elements(Happening.Aborts, Happening.Cancels, Happening.RaisesTheRevision, Happening.ShardIsLost, Happening.HourPasses, Happening.Deletes)))
        .ArrayOf(80);

    // So far every life has to come before it can be taken back; from there on anything may happen.
    private static readonly Happening[] TakenBack =
    [
        Happening.Pass, Happening.NodesPreview, .. Enumerable.Repeat(Happening.Pass, 8), Happening.NodesFreezeAll, .. Enumerable.Repeat(Happening.Pass, 8), Happening.CarsAreTold, Happening.Cancels,
    ];

    [Fact]
    public void AnyHistory_TheGateOpensOnlyWhereItMay()
    {
        int opened = 0;
        Prop.ForAll(Histories.ToArbitrary(), history => Play(history, (world, seen, decision) =>
        {
            if (decision.Step is CampaignStep.Align { Pace.Open: true } or CampaignStep.Align { Order.Gate: Gate.Open })
            {
                opened++;
                seen.Ledger!.Frozen.ShouldBeTrue("all 16 shards are frozen");
                seen.RecordedLedger!.Id.ShouldBe(seen.Ledger.LedgerId, "the ledger id is in the status");
                seen.Spec.Suspend.ShouldBeFalse();
                seen.Spec.Abort.ShouldBeFalse();
                seen.Spec.Cancel.ShouldBeFalse();
                seen.Campaign.Metadata.DeletionTimestamp.ShouldBeNull();
                seen.Revision.ShouldBe(seen.Spec.Revision);
                seen.Tombstone.ShouldBeNull();
            }
        })).QuickCheckThrowOnFailure();
        opened.ShouldBeGreaterThan(20, "or the property holds because nothing ever opens");
    }

    [Fact]
    public void AnyHistory_ALedgerIsMadeOnceARevision_AndNeverAgainAfterItsLoss() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        HashSet<int> recorded = [];
        Play(history, (world, seen, decision) =>
        {
            if (decision.Step is CampaignStep.CreateLedger)
            {
                recorded.ShouldNotContain(seen.Revision);
                world.Tombstones.ShouldNotContain(end => end.Revision == seen.Revision);
                world.Tombstones.Select(end => end.Revision).ShouldAllBe(revision => revision < seen.Revision);
            }
            if (seen.RecordedLedger is not null)
            {
                recorded.Add(seen.Revision);
            }
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyHistory_TheCountersAddUp_AndAnEndLeavesNothingOpen() => Prop.ForAll(Histories.ToArbitrary(), history => Play(history, (world, _, _) =>
    {
        if (world.Status.Counts is { } counts)
        {
            (counts.Pending + counts.InFlight + counts.Delivered + counts.Failed + counts.Rejected + counts.Expired + counts.Suppressed).ShouldBe(counts.Targeted);
        }
        foreach (Tombstone end in world.Tombstones.Where(end => !end.Reopened))
        {
            (end.Counts.Pending + end.Counts.InFlight).ShouldBe(0);
            (world.LedgerOf(end.Revision)?.Pace?.Open ?? false).ShouldBeFalse();
        }
    })).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyHistory_WhatIsTakenBack_IsOverBeforeAnybodyIsToldToForgetIt()
    {
        int told = 0;
        Prop.ForAll(Histories.ToArbitrary(), history => Play([.. TakenBack, .. history], (world, seen, decision) =>
        {
            if (world.LedgerOf(seen.Revision) is { Pace.Cancels: true } ledger)
            {
                told++;
                ledger.Pace.Open.ShouldBeFalse();
                world.Tombstones.ShouldContain(end => end.Revision == seen.Revision);
                ledger.Shards.ShouldAllBe(shard => shard == null || shard.Marked);
            }
            if (decision.Step is CampaignStep.Align { Order.Cancels: true } or CampaignStep.Align { Pace.Cancels: true })
            {
                seen.Spec.Cancel.ShouldBeTrue();
                seen.Campaign.Metadata.DeletionTimestamp.ShouldBeNull();
                seen.Revision.ShouldBe(seen.Spec.Revision);
            }
            if (decision.Step is CampaignStep.Align { Order.Gate: Gate.Open })
            {
                world.Order?.Cancels.ShouldNotBe(true);
            }
        })).QuickCheckThrowOnFailure();
        told.ShouldBeGreaterThan(100, "or the property holds because nobody is ever told");
    }

    [Fact]
    public void AnyHistory_AfterASuspendIsSeen_NothingIsOpen() => Prop.ForAll(Histories.ToArbitrary(), history => Play(history, (world, seen, decision) =>
    {
        bool acted = decision.Step is CampaignStep.Align;
        if (seen.Spec.Suspend && acted && world.Ledger?.Pace is { } pace)
        {
            pace.IsShut.ShouldBeTrue();
        }
    })).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyHistory_LeftAlone_ComesToAnEnd() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        CampaignWorld world = new() { OpenOnNodes = 1 };
        Play(world, history, (_, _, _) => { });
        if (world.Campaign!.Metadata.DeletionTimestamp is null)
        {
            world.Edit(spec => spec with { Suspend = false });
        }
        bool released = false;
        for (int i = 0; i < 120 && !released; i++)
        {
            foreach (Happening happening in (Happening[])[Happening.NodesPreview, Happening.NodesFreezeAll, Happening.CarsAreTold, Happening.NodesAreQuiet, Happening.SecondPasses])
            {
                Play(world, [happening], (_, _, _) => { });
            }
            released = world.Pass().Released;
        }
        bool stalled = CampaignStatus.IsStalled(world.Status, Reasons.LedgerLost);
        (released || stalled || CampaignPlan.IsEnd(world.Status.Phase)).ShouldBeTrue($"{world.Status.Phase}: {world.Status.Message}, {world.LastStep}");
    }).QuickCheckThrowOnFailure();

    private static void Play(Happening[] history, Action<CampaignWorld, CampaignObservation, CampaignDecision> check) =>
        Play(new CampaignWorld { OpenOnNodes = 1 }, history, check);

    private static void Play(CampaignWorld world, Happening[] history, Action<CampaignWorld, CampaignObservation, CampaignDecision> check)
    {
        foreach (Happening happening in history)
        {
            if (Pass(world, happening, check) || People(world, happening))
            {
                continue;
            }
            Nodes(world, happening);
        }
    }

    private static bool Pass(CampaignWorld world, Happening happening, Action<CampaignWorld, CampaignObservation, CampaignDecision> check)
    {
        if (happening is not (Happening.Pass or Happening.DiesInMidRetry or Happening.DiesBeforeTheStep or Happening.DiesBetweenPaceAndOrder or Happening.DiesBeforeTheStatus))
        {
            return false;
        }
        CampaignObservation seen = world.Observe();
        CampaignDecision decision = CampaignPlan.Decide(seen);
        switch (happening)
        {
            case Happening.Pass:
                world.Act(decision);
                world.SetStatus(CampaignStatus.Of(seen, decision.Standing));
                break;
            case Happening.DiesBetweenPaceAndOrder when decision.Step is CampaignStep.Align align:
                world.ActPace(align.Pace);
                world.Crash();
                break;
            case Happening.DiesInMidRetry when decision.Step is CampaignStep.PutBack retry:
                world.PutBack(retry, shards: 7);
                world.Crash();
                break;
            case Happening.DiesBeforeTheStatus:
                world.Act(decision);
                world.Crash();
                break;
            default:
                world.Crash();
                return true;
        }
        check(world, seen, decision);
        return true;
    }

    private static bool People(CampaignWorld world, Happening happening)
    {
        switch (happening)
        {
            case Happening.SecondPasses:
                world.Now = world.Now.AddSeconds(1);
                return true;
            case Happening.HourPasses:
                world.Now = world.Now.AddHours(1);
                return true;
            case Happening.Suspends or Happening.Resumes:
                world.Edit(spec => spec with { Suspend = happening == Happening.Suspends });
                return true;
            case Happening.Aborts:
                world.Edit(spec => spec with { Abort = true });
                return true;
            case Happening.Cancels:
                world.Edit(spec => spec with { Cancel = true });
                return true;
            case Happening.RaisesTheRevision:
                world.Edit(spec => spec with { Revision = spec.Revision + 1, Abort = false, Cancel = false, Patch = spec.Patch with { Version = $"{spec.Revision + 1}" } });
                return true;
            case Happening.AsksForARetry:
                world.Edit(spec => spec with { Retry = new RetryRequest { Round = (spec.Retry?.Round ?? 0) + 1 } });
                return true;
            case Happening.Deletes:
                world.Delete();
                return true;
            default:
                return false;
        }
    }

    private static void Nodes(CampaignWorld world, Happening happening)
    {
        bool freezing = world.Order is { Gate: Gate.Freeze };
        switch (happening)
        {
            case Happening.NodesPreview:
                world.PreviewedShards = 16;
                break;
            case Happening.NodesFreezeSome or Happening.NodesFreezeAll when freezing:
                world.Freeze(happening == Happening.NodesFreezeAll ? 16 : 9, world.Matching);
                break;
            case Happening.CarsAreTold when world.Order is { Gate: Gate.Open } && world.Ledger is { Pace.Open: true }:
                world.Change(counts => counts.Pending == 0 ? counts : counts with { Pending = counts.Pending - 1, PutBack = Math.Max(0, counts.PutBack - 1), Delivered = counts.Delivered + 1 });
                break;
            case Happening.CarsFail when world.Order is { Gate: Gate.Open } && world.Ledger is { Pace.Open: true }:
                world.Change(counts => counts.Pending == 0 ? counts : counts with { Pending = counts.Pending - 1, PutBack = Math.Max(0, counts.PutBack - 1), Failed = counts.Failed + 1 });
                break;
            case Happening.NodesAreBusy or Happening.NodesAreQuiet:
                world.OpenOnNodes = happening == Happening.NodesAreBusy ? 4 : 0;
                break;
            case Happening.CarsForget:
                world.Forget(1);
                break;
            case Happening.ShardIsLost:
                world.Lose(5);
                break;
        }
    }
}
