using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Limits;

/// <summary>
/// Any limits, any answers in any order, an operator that dies: what was exceeded stays shut until a person says otherwise. All happens within seconds, so a
/// limit that looks back further than that is one that looks back to the start.
/// </summary>
public sealed class CampaignLimitProperties
{
    private enum Happening
    {
        Pass,
        Dies,
        CarsAnswer,
        LateAck,
        Edits,
        Resumes,
    }

    private static readonly Gen<AbortLimit[]> Limits =
        (from failure in Gen.Elements(Enum.GetValues<LimitFailure>())
         from percent in Gen.Choose(0, 100)
         from samples in Gen.Choose(1, 60)
         from action in Gen.Elements(LimitAction.Pause, LimitAction.Pause, LimitAction.Abort)
         from window in Gen.Elements<int?>(null, 10, 600)
         select new AbortLimit { Failure = failure, Percent = percent, MinSamples = samples, WindowSeconds = window, Action = action }).NonEmptyListOf().Select(limits => limits.Take(4).ToArray());

    private static readonly Gen<(Happening What, int How)[]> Histories = Gen.Zip(
        Gen.Frequency(
            (10, Gen.Constant(Happening.Pass)),
            (6, Gen.Constant(Happening.CarsAnswer)),
            (2, Gen.Elements(Happening.LateAck, Happening.Dies)),
            (1, Gen.Elements(Happening.Edits, Happening.Resumes))),
        Gen.Choose(0, 99)).ArrayOf(60);

    [Fact]
    public void AnyHistory_ExceededStaysShut()
    {
        int held = 0;
        int open = 0;
        Prop.ForAll(Gen.Zip(Limits, Histories).ToArbitrary(), run =>
        {
            CampaignWorld world = new() { OpenOnNodes = 1, Matching = 160, PreviewedShards = 16 };
            world.Edit(spec => spec with { Rollout = new Rollout { AbortWhen = run.Item1 } });
            world.Settle();
            world.Freeze(16, world.Matching);
            world.Settle();
            ExceededLimit? heldBy = null;
            foreach ((Happening what, int how) in run.Item2)
            {
                Play(world, what, how);
                if (what != Happening.Pass)
                {
                    continue;
                }
                if (heldBy is not null && (heldBy.Action == LimitAction.Abort || world.Campaign!.Spec.Resume == heldBy.Resume))
                {
                    (world.Ledger?.Pace?.Open ?? false).ShouldBeFalse($"held by {heldBy}");
                }
                else if (world.Ledger is { Pace.Open: true } ledger && world.Status.Limits?.JudgedFrom is null)
                {
                    open++;
                    run.Item1.ShouldAllBe(limit => !IsExceeded(limit, ledger.Counts), "what is open is within every limit");
                }
                heldBy = world.Status.Limits?.Exceeded;
                held += heldBy is null ? 0 : 1;
            }
        }).QuickCheckThrowOnFailure();
        held.ShouldBeGreaterThan(100, "or no limit was ever exceeded");
        open.ShouldBeGreaterThan(100, "or nothing was ever within its limits");
    }

    /// <summary>The rule once more, in other words than the plan's.</summary>
    private static bool IsExceeded(AbortLimit limit, LedgerCounts counts)
    {
        decimal outcomes = counts.Delivered + counts.Failed + counts.Rejected;
        decimal against = limit.Failure switch
        {
            LimitFailure.NoAck => counts.NoAck,
            LimitFailure.Rejected => counts.Rejected,
            LimitFailure.Failed => counts.Failed + counts.FailedLater - counts.NoAck,
            _ => counts.Failed + counts.FailedLater + counts.Rejected,
        };
        return outcomes >= limit.MinSamples && against / outcomes > limit.Percent / 100m;
    }

    private static void Play(CampaignWorld world, Happening what, int how)
    {
        switch (what)
        {
            case Happening.Pass:
                world.Pass();
                break;
            case Happening.Dies:
                world.Crash();
                break;
            case Happening.CarsAnswer:
                world.Change(counts => counts.Pending == 0 ? counts : Answer(counts with { Pending = counts.Pending - 1 }, how));
                break;
            case Happening.LateAck:
                world.Change(counts => counts.NoAck == 0 ? counts : counts with { NoAck = counts.NoAck - 1, Failed = counts.Failed - 1, Delivered = counts.Delivered + 1 });
                break;
            case Happening.Edits:
                world.Edit(spec => spec with { Pace = new PushPlatform.Operator.Api.Pace { MaxPerSecond = how + 1 } });
                break;
            case Happening.Resumes:
                world.Edit(spec => spec with { Resume = spec.Resume + 1 });
                break;
        }
    }

    private static LedgerCounts Answer(LedgerCounts counts, int how) => (how % 8) switch
    {
        0 => counts with { Failed = counts.Failed + 1 },
        1 => counts with { Failed = counts.Failed + 1, NoAck = counts.NoAck + 1 },
        2 => counts with { Rejected = counts.Rejected + 1 },
        3 => counts with { Delivered = counts.Delivered + 1, FailedLater = counts.FailedLater + 1 },
        _ => counts with { Delivered = counts.Delivered + 1 },
    };
}
