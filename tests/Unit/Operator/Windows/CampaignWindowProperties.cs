using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Windows;

/// <summary>Whatever the operator does, or does not do any more: no lease reaches outside a window.</summary>
public sealed class CampaignWindowProperties
{
    private enum Happening
    {
        Pass,
        Dies,
        NodesWork,
        Suspends,
        Resumes,
    }

    private static readonly Gen<(Happening What, TimeSpan Then)[]> Histories = Gen.Zip(
        Gen.Frequency(
            (10, Gen.Constant(Happening.Pass)),
            (4, Gen.Constant(Happening.NodesWork)),
            (2, Gen.Constant(Happening.Dies)),
            (1, Gen.Elements(Happening.Suspends, Happening.Resumes))),
        Gen.Frequency(
            (6, Gen.Choose(0, 1000).Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds))),
            (1, Gen.Choose(1, 3600).Select(seconds => TimeSpan.FromSeconds(seconds))),
            (1, Gen.Choose(1, 96).Select(quarters => TimeSpan.FromMinutes(15 * quarters))))).ArrayOf(100);

    [Fact]
    public void AnyHistory_NoLeaseReachesOutsideAWindow()
    {
        int granted = 0;
        int closed = 0;
        Prop.ForAll(Gen.Zip(WallClock.Cases, Histories).ToArbitrary(), run =>
        {
            ((SendWindow[] windows, DateTimeOffset now), (Happening, TimeSpan)[] history) = run;
            CampaignWorld world = new() { Now = now, OpenOnNodes = 1, PreviewedShards = 16 };
            world.Edit(spec => spec with { Schedule = new Schedule { Windows = windows } });
            foreach ((Happening what, TimeSpan then) in history)
            {
                Play(world, what);
                Check(world, windows, ref granted, ref closed);
                world.Now += then;
                Check(world, windows, ref granted, ref closed);
            }
        }).QuickCheckThrowOnFailure();
        granted.ShouldBeGreaterThan(500, "or the property holds because nothing ever opens");
        closed.ShouldBeGreaterThan(500, "or there was nothing to keep out of");
    }

    private static void Check(CampaignWorld world, SendWindow[] windows, ref int granted, ref int closed)
    {
        if (world.Ledger?.Pace is not { Open: true } pace || world.Now >= pace.NotAfter)
        {
            closed += world.Ledger is { Frozen: true } ? 1 : 0;
            return;
        }
        granted++;
        WallClock.IsInside(windows, world.Now).ShouldBeTrue($"a lease is granted at {world.Now:O}");
        WallClock.IsInside(windows, world.Now + Lease.Lifetime).ShouldBeTrue($"a lease granted at {world.Now:O} may be used");
        WallClock.IsInside(windows, pace.NotAfter + Lease.Lifetime).ShouldBeTrue($"without an operator the last lease is granted just before {pace.NotAfter:O}");
    }

    private static void Play(CampaignWorld world, Happening what)
    {
        switch (what)
        {
            case Happening.Pass:
                world.Pass();
                break;
            case Happening.Dies:
                world.Crash();
                break;
            case Happening.NodesWork:
                world.Freeze(16, world.Matching);
                break;
            default:
                world.Edit(spec => spec with { Suspend = what == Happening.Suspends });
                break;
        }
    }
}
