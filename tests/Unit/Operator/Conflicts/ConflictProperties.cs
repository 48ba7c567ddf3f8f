using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Conflicts;

/// <summary>Any campaigns, in any order, with any policy, whoever leads and wherever he dies.</summary>
public sealed class ConflictProperties
{
    private const int Campaigns = 4;

    private enum Happening
    {
        Look,
        Act,
        Write,
        Pass,
        AllPass,
        CarIsSent,
        NodesFreeze,
        NodesAreQuiet,
        CacheCatchesUp,
        SecondPasses,
        IsCreated,
        IsSuspended,
        IsResumed,
        IsBroken,
        IsMended,
        PriorityChanges,
        PolicyChanges,
        RevisionIsRaised,
        IsAborted,
        IsDeleted,
        Vanishes,
        OrphansAreClosed,
        AnotherLeads,
        AnotherLeadsWhoseClockIsBehind,
        LedgerIsLost,
        CarFails,
        IsTriedAgain,
    }

    private static readonly Gen<(Happening What, int Which, int How)[]> Histories = (
        from what in Gen.Frequency(
            (20, Gen.Elements(Happening.Pass, Happening.AllPass)),
            (30, Gen.Elements(Happening.Look, Happening.Act, Happening.Write, Happening.CarIsSent, Happening.NodesFreeze, Happening.SecondPasses)),
            (5, Gen.Elements(Happening.CacheCatchesUp, Happening.IsCreated, Happening.NodesAreQuiet)),
            (2, Gen.Elements(Happening.IsSuspended, Happening.IsResumed, Happening.IsBroken, Happening.IsMended, Happening.PriorityChanges, Happening.PolicyChanges)),
            (1, Gen.Elements(
                Happening.RevisionIsRaised, Happening.IsAborted, Happening.IsDeleted, Happening.Vanishes, Happening.OrphansAreClosed, Happening.AnotherLeads, Happening.LedgerIsLost,
                Happening.AnotherLeadsWhoseClockIsBehind)))
        from which in Gen.Choose(0, Campaigns - 1)
        from how in Gen.Choose(0, 11)
        select (what, which, how)).ArrayOf(250);

    private static readonly Gen<(Happening What, int Which, int How)[]> HistoriesWithRetries = (
        from history in Histories
        from retries in (
            from what in Gen.Elements(Happening.CarFails, Happening.IsTriedAgain, Happening.NodesAreQuiet)
            from which in Gen.Choose(0, Campaigns - 1)
            select (what, which, 1)).ArrayOf(120)
        from places in Gen.Choose(0, 250).ArrayOf(120)
        select history.Select((one, at) => (At: (double)at, one))
            .Concat(retries.Zip(places, (one, at) => (At: at + 0.5, one)))
            .OrderBy(step => step.At).Select(step => step.one)
            .ToArray());

    [Fact]
    public void AnyHistory_NoCarGetsAnOlderVersionAfterANewerOne()
    {
        int sends = 0;
        int displaced = 0;
        Prop.ForAll(Histories.ToArbitrary(), history =>
        {
            ConflictWorld world = new(Campaigns);
            Play(world, history);
            sends += world.Sends;
            displaced += world.Displaced;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        sends.ShouldBeGreaterThan(200, "or it holds because nothing is sent");
        displaced.ShouldBeGreaterThan(50, "or it holds because nobody takes another's place");
    }

    [Fact]
    public void AnyHistory_WithRetries_NoCarGetsAnOlderVersionAfterANewerOne()
    {
        int retried = 0;
        Prop.ForAll(HistoriesWithRetries.ToArbitrary(), history =>
        {
            ConflictWorld world = new(Campaigns);
            Play(world, history);
            retried += world.Retried;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        retried.ShouldBeGreaterThan(20, "or it holds because nobody is tried again");
    }

    [Fact]
    public void AnyHistory_LeftAlone_AllComeToAnEnd() => Prop.ForAll(Gen.OneOf(Histories, HistoriesWithRetries).ToArbitrary(), history =>
    {
        ConflictWorld world = new(Campaigns);
        Play(world, history);
        Each(world, member =>
        {
            member.Faults = [];
            member.Edit(spec => spec with { Suspend = false });
        });
        for (int round = 0; round < 400; round++)
        {
            world.CloseOrphans();
            world.CatchUp();
            for (int i = 0; i < Campaigns; i++)
            {
                Play(world, [(Happening.Pass, i, 0), (Happening.NodesFreeze, i, 0), (Happening.CarIsSent, i, 0), (Happening.NodesAreQuiet, i, 0)]);
            }
            world.Now = world.Now.AddSeconds(1);
        }
        Each(world, member => (CampaignPlan.IsEnd(member.Status.Phase) || CampaignStatus.IsStalled(member.Status, Reasons.LedgerLost))
            .ShouldBeTrue($"{member.Campaign!.Metadata.Name} is {member.Status.Phase}: {member.Status.Message}"));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private static void Each(ConflictWorld world, Action<CampaignWorld> what)
    {
        for (int i = 0; i < Campaigns; i++)
        {
            if (world[i].Campaign is not null)
            {
                what(world[i]);
            }
        }
    }

    private static void Play(ConflictWorld world, IEnumerable<(Happening What, int Which, int How)> history)
    {
        foreach ((Happening what, int which, int how) in history)
        {
            Operators(world, what, which);
            Cars(world, what, which);
            if (what == Happening.IsCreated)
            {
                world.Create(which, Spec(how));
            }
            else if (world[which].Campaign is not null)
            {
                People(world, what, which, how);
            }
        }
    }

    private static void Operators(ConflictWorld world, Happening what, int which)
    {
        switch (what)
        {
            case Happening.Look:
                world.Look(which);
                break;
            case Happening.Act:
                world.Act(which);
                break;
            case Happening.Write:
                world.Write(which);
                break;
            case Happening.Pass:
                world.Pass(which);
                break;
            case Happening.AllPass:
                for (int i = 0; i < Campaigns; i++)
                {
                    world.Pass(i);
                }
                break;
            case Happening.CacheCatchesUp:
                world.CatchUp();
                break;
            case Happening.AnotherLeads:
                world.Elect(skew: 0);
                break;
            case Happening.AnotherLeadsWhoseClockIsBehind:
                world.Elect(skew: -20);
                break;
            case Happening.OrphansAreClosed:
                world.CloseOrphans();
                break;
        }
    }

    private static void Cars(ConflictWorld world, Happening what, int which)
    {
        switch (what)
        {
            case Happening.SecondPasses:
                world.Now = world.Now.AddSeconds(1);
                break;
            case Happening.CarIsSent or Happening.CarFails:
                world.Send(which, fails: what == Happening.CarFails);
                break;
            case Happening.NodesFreeze when world[which] is { Campaign: not null, Order.Gate: PushPlatform.Delivery.Orders.Gate.Freeze } member:
                member.Freeze(16, member.Matching);
                break;
            case Happening.NodesAreQuiet when world[which] is { Ledger.Counts: { Pending: 0, InFlight: 0 } } member:
                member.OpenOnNodes = 0;
                break;
        }
    }

    private static void People(ConflictWorld world, Happening what, int which, int how)
    {
        CampaignWorld member = world[which];
        switch (what)
        {
            case Happening.IsSuspended or Happening.IsResumed:
                member.Edit(spec => spec with { Suspend = what == Happening.IsSuspended });
                break;
            case Happening.IsBroken or Happening.IsMended:
                member.Faults = what == Happening.IsBroken ? ["spec.pace: impossible"] : [];
                break;
            case Happening.PriorityChanges:
                member.Edit(spec => spec with { Priority = Spec(how).Priority });
                break;
            case Happening.PolicyChanges:
                member.Edit(spec => spec with { ConflictPolicy = Spec(how).ConflictPolicy });
                break;
            case Happening.RevisionIsRaised:
                member.Edit(spec => spec with { Revision = spec.Revision + 1, Abort = false });
                break;
            case Happening.IsTriedAgain:
                member.Edit(spec => spec with { Retry = new RetryRequest { Round = (spec.Retry?.Round ?? 0) + 1 } });
                break;
            case Happening.IsAborted:
                member.Edit(spec => spec with { Abort = true });
                break;
            case Happening.IsDeleted:
                member.Delete();
                break;
            case Happening.Vanishes:
                world.Vanish(which);
                break;
            case Happening.LedgerIsLost:
                member.Lose(5);
                break;
        }
    }

    private static PushCampaignSpec Spec(int how) => new()
    {
        Patch = new Patch { Id = how % 4 == 0 ? "steering" : "brake", Version = "2" },
        Targets = new Targets { All = true, NewVehicles = NewVehicles.Ignore },
        Priority = (how % 3) switch { 0 => 400, 1 => 500, _ => 600 },
        ConflictPolicy = (how % 5) switch { 0 or 1 => ConflictPolicy.Queue, 2 or 3 => ConflictPolicy.Supersede, _ => ConflictPolicy.Reject },
    };
}
