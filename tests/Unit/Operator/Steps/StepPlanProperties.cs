using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Steps;

/// <summary>What must hold for steps whatever happens, in whatever order, wherever the operator dies (G4).</summary>
public sealed class StepPlanProperties : StepLife
{
    private enum Happening
    {
        Pass,
        SecondPasses,
        MinutePasses,
        DiesBeforeTheStatus,
        DiesBeforeTheStep,
        DiesInTheMove,
        CarsDeliver,
        CarsFail,
        CarsAreSilent,
        SilentCarsAnswer,
        CarsComeOfOneShard,
        NewCarsAppear,
        NodesAreBusy,
        NodesAreQuiet,
        Suspends,
        Resumes,
        ChangesTheSteps,
        Promotes,
        LosesTheStatus,
    }

    private static readonly Gen<Happening[]> Histories = Gen.Frequency(
        (30, Gen.Constant(Happening.Pass)),
        (12, Gen.Elements(Happening.SecondPasses, Happening.MinutePasses)),
        (14, Gen.Elements(Happening.CarsDeliver, Happening.CarsFail, Happening.CarsAreSilent, Happening.SilentCarsAnswer, Happening.CarsComeOfOneShard)),
        (8, Gen.Elements(Happening.DiesBeforeTheStatus, Happening.DiesBeforeTheStep, Happening.DiesInTheMove)),
        (5, Gen.Elements(Happening.NewCarsAppear, Happening.NodesAreBusy, Happening.NodesAreQuiet, Happening.Suspends, Happening.Resumes, Happening.ChangesTheSteps, Happening.Promotes)))
        .ArrayOf(150);

    private static readonly Gen<RolloutStep> OneStep =
        from isCount in Gen.Elements(true, false)
        from size in Gen.Choose(1, 100)
        from pause in Gen.Elements<int?>(null, 0, 5, 60)
        from wait in Gen.Elements<int?>(null, 30, 300)
        from then in Gen.Elements(StepTimeout.Pause, StepTimeout.Promote)
        select new RolloutStep
        {
            Count = isCount ? size : null,
            Percent = isCount ? null : size,
            PauseSeconds = pause,
            UntilPromoted = pause is null,
            MaxWaitSeconds = wait,
            OnMaxWait = then,
        };

    private static readonly Gen<RolloutStep[]> Rollouts = Gen.Choose(1, 4).SelectMany(count => OneStep.ArrayOf(count)).Select(Sorted);

    [Fact]
    public void AnyHistory_NeverMoreCarsAreToldThanTheStepsOpenedSoFar_AndNoStepIsGoneBack()
    {
        int past = 0;
        Prop.ForAll(Histories.ToArbitrary(), Rollouts.ToArbitrary(), Rollouts.ToArbitrary(), (history, first, second) =>
        {
            StepPlanProperties life = new();
            life.StartWith(first);
            int current = 1;
            foreach (Happening happening in history)
            {
                life.Play(happening, second);
                IEnumerable<StepStatus> opened = life.World.Status.Steps!.Where(step => step.StartedAt is not null);
                long reach = opened.Sum(step => step.Size ?? long.MaxValue / 100);
                life.Quotas.ShouldBeLessThanOrEqualTo(reach);
                life.Claimed.ShouldBeLessThanOrEqualTo(reach);
                life.World.Status.CurrentStep!.Value.ShouldBeGreaterThanOrEqualTo(current);
                life.World.Status.CurrentStep.ShouldBe(opened.Count());
                current = life.World.Status.CurrentStep.Value;
            }
            past += current > 1 ? 1 : 0;
        }).QuickCheckThrowOnFailure();
        past.ShouldBeGreaterThan(20, "or the property holds because no step is ever over");
    }

    [Fact]
    public void AnyHistory_TheStatusLostAtAnyTime_NeverMoreIsGivenThanHadBeen() => Prop.ForAll(Histories.ToArbitrary(), Rollouts.ToArbitrary(), (history, steps) =>
    {
        StepPlanProperties life = new();
        life.StartWith(steps);
        long most = life.Quotas;
        foreach ((Happening happening, int at) in history.Select((happening, at) => (happening, at)))
        {
            life.Play(at == 70 ? Happening.LosesTheStatus : happening, steps);
            long reach = (life.World.Status.Steps ?? []).Where(step => step.StartedAt is not null).Sum(step => step.Size ?? long.MaxValue / 100);
            most = Math.Max(most, reach);
            life.Quotas.ShouldBeLessThanOrEqualTo(most);
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>However few of the cars are ever online: as long as those that are told answer in the end, and no person is waited for, the last step comes.</summary>
    [Fact]
    public void AnyHistory_CarsThatAreAwayNeverHoldItUp() => Prop.ForAll(Histories.ToArbitrary(), Rollouts.ToArbitrary(), (history, steps) =>
    {
        RolloutStep[] byThemselves = [.. steps.Select(step => step with { UntilPromoted = false, PauseSeconds = step.PauseSeconds ?? 5, MaxWaitSeconds = null, SuccessPercent = 0 })];
        StepPlanProperties life = new();
        life.StartWith(byThemselves);
        foreach (Happening happening in history.Where(happening => happening is not (Happening.CarsFail or Happening.ChangesTheSteps)))
        {
            life.Play(happening, byThemselves);
        }
        life.World.Edit(spec => spec with { Suspend = false });
        life.World.OpenOnNodes = 0;
        for (int i = 0; i < 60 && life.World.Status.Phase != CampaignPhase.Completed; i++)
        {
            // One car comes online, those that left before they answered come back, and then nobody for two minutes.
            life.Cars(Happening.SilentCarsAnswer);
            life.World.Tell(1, Deliver, shard => shard == i % 16);
            life.Seconds(3);
            life.World.Now = life.World.Now.AddMinutes(2);
            life.Seconds(3);
        }
        bool over = life.World.Status.CurrentStep > byThemselves.Length || life.World.Ledger!.Counts.Pending == 0;
        over.ShouldBeTrue($"{life.World.Status.Phase}: {life.World.Status.Message}");
    }).QuickCheckThrowOnFailure();

    private static RolloutStep[] Sorted(RolloutStep[] steps)
    {
        Queue<int?> counts = new(steps.Select(step => step.Count).Where(count => count is not null).Order());
        Queue<int?> percents = new(steps.Select(step => step.Percent).Where(percent => percent is not null).Order());
        return [.. steps.Select(step => step.Count is null ? step with { Percent = percents.Dequeue() } : step with { Count = counts.Dequeue() })];
    }

    private void Play(Happening happening, RolloutStep[] second)
    {
        switch (happening)
        {
            case Happening.Pass or Happening.DiesBeforeTheStatus or Happening.DiesBeforeTheStep or Happening.DiesInTheMove:
                Pass(happening);
                break;
            case Happening.SecondPasses:
                World.Now = World.Now.AddSeconds(1);
                break;
            case Happening.MinutePasses:
                World.Now = World.Now.AddMinutes(1);
                break;
            case Happening.ChangesTheSteps:
                SetSteps(second);
                break;
            case Happening.Promotes:
                World.Say(ApprovalVerb.Promote, "ada");
                break;
            case Happening.Suspends or Happening.Resumes:
                World.Edit(spec => spec with { Suspend = happening == Happening.Suspends });
                break;
            case Happening.LosesTheStatus:
                World.SetStatus(new PushCampaignStatus());
                World.Crash();
                break;
            default:
                Cars(happening);
                break;
        }
    }

    private void Pass(Happening how)
    {
        CampaignObservation seen = World.Observe();
        CampaignDecision decision = CampaignPlan.Decide(seen);
        if (how == Happening.DiesInTheMove && decision.Step is CampaignStep.MoveQuota move)
        {
            World.ActMove(move, raised: 3);
        }
        else if (how != Happening.DiesBeforeTheStep)
        {
            World.Act(decision);
        }
        if (how == Happening.Pass)
        {
            World.SetStatus(CampaignStatus.Of(seen, decision.Standing));
        }
        else
        {
            World.Crash();
        }
    }

    private void Cars(Happening happening)
    {
        switch (happening)
        {
            case Happening.CarsDeliver:
                World.Tell(5, Deliver);
                break;
            case Happening.CarsFail:
                World.Tell(1, Fail);
                break;
            case Happening.CarsAreSilent:
                World.Tell(3, Send);
                break;
            case Happening.SilentCarsAnswer:
                World.Change(counts => counts with { Delivered = counts.Delivered + counts.InFlight, InFlight = 0 });
                break;
            case Happening.CarsComeOfOneShard:
                World.Tell(20, Deliver, shard => shard == 5);
                break;
            case Happening.NewCarsAppear:
                World.Change(counts => counts with { Targeted = counts.Targeted + 1, Pending = counts.Pending + 1 });
                break;
            case Happening.NodesAreBusy or Happening.NodesAreQuiet:
                World.OpenOnNodes = happening == Happening.NodesAreBusy ? 4 : 0;
                break;
        }
    }
}
