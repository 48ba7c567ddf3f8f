using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Gates;

/// <summary>Whatever people, cars and crashes do, in whatever order: what the gates are for holds whenever something opens.</summary>
public sealed class GateProperties
{
    private const int MostTargets = 32;
    private const int OldestPreview = 120;

    private enum Happening
    {
        Pass,
        Dies,
        SecondPasses,
        MinutesPass,
        NodesCount,
        NodesFreeze,
        CarsAreTold,
        MoreMatch,
        FewerMatch,
        MoreComeOnline,
        SomeGo,
        IsApproved,
        IsDenied,
        ItsPaceIsChanged,
        ItsPaceIsSetBack,
        WordsAreDeleted,
    }

    private static readonly Gen<Happening[]> Histories = Gen.Frequency(
        (30, Gen.Constant(Happening.Pass)),
        (12, Gen.Elements(Happening.NodesCount, Happening.NodesFreeze, Happening.CarsAreTold, Happening.SecondPasses)),
        (8, Gen.Elements(Happening.IsApproved, Happening.MoreComeOnline, Happening.FewerMatch)),
        (6, Gen.Elements(Happening.IsDenied, Happening.ItsPaceIsChanged, Happening.ItsPaceIsSetBack, Happening.SomeGo, Happening.MoreMatch)),
        (3, Gen.Elements(Happening.Dies, Happening.MinutesPass, Happening.WordsAreDeleted)))
        .ArrayOf(100);

    [Fact]
    public void AnyHistory_NothingStartsOrOpens_UnlessEachGateLetsIt()
    {
        int started = 0;
        int opened = 0;
        Prop.ForAll(Histories.ToArbitrary(), history => Play(history, (history, seen, decision) =>
        {
            if (decision.Step is CampaignStep.CreateLedger { LedgerId: null } create)
            {
                started++;
                history.IsApproved.ShouldBeTrue("somebody has approved what is started");
                create.ExpectedTargets.ShouldBeLessThanOrEqualTo(MostTargets);
                history.World.PreviewAge.TotalSeconds.ShouldBeLessThanOrEqualTo(OldestPreview);
                (history.World.Online >= 25).ShouldBeTrue("enough were online");
            }
            if (decision.Step is CampaignStep.Align { Pace.Open: true } or CampaignStep.Align { Order.Gate: Gate.Open })
            {
                opened++;
                history.IsApproved.ShouldBeTrue("somebody has approved what is sent");
            }
        })).QuickCheckThrowOnFailure();
        started.ShouldBeGreaterThan(5, "or the property holds because nothing ever starts");
        opened.ShouldBeGreaterThan(5, "or it holds because nothing ever opens");
    }

    [Fact]
    public void AnyHistory_OnceADenialOrAChangeIsSeen_NothingIsOpen() => Prop.ForAll(Histories.ToArbitrary(), history => Play(history, (history, seen, decision) =>
    {
        if (!history.IsApproved && history.World.Ledger?.Pace is { } pace)
        {
            pace.Open.ShouldBeFalse();
        }
    })).QuickCheckThrowOnFailure();

    private static void Play(Happening[] happenings, Action<History, CampaignObservation, CampaignDecision> check)
    {
        History history = new();
        foreach (Happening happening in happenings)
        {
            if (happening is Happening.Pass)
            {
                CampaignObservation seen = history.World.Observe();
                CampaignDecision decision = CampaignPlan.Decide(seen);
                history.World.Act(decision);
                history.World.SetStatus(CampaignStatus.Of(seen, decision.Standing));
                check(history, seen, decision);
            }
            else
            {
                history.Happens(happening);
            }
        }
    }

    /// <summary>The world, and what a person who watched it would say was approved.</summary>
    private sealed class History
    {
        private readonly Dictionary<int, (DateTimeOffset At, bool Approved)> _lastWords = [];

        public History() => World.Edit(spec => spec with
        {
            Targets = spec.Targets with { MaxTargets = MostTargets },
            Rollout = new Rollout
            {
                Approval = ApprovalMode.Manual,
                PreviewMaxAgeSeconds = OldestPreview,
                MinOnline = new MinOnline { Count = 25, TimeoutSeconds = 86_400 },
            },
        });

        public CampaignWorld World { get; } = new() { OpenOnNodes = 1 };

        public bool IsApproved => _lastWords.TryGetValue(World.Campaign!.Spec.Pace.MaxPerSecond, out (DateTimeOffset At, bool Approved) last) && last.Approved;

        public void Happens(Happening happening)
        {
            switch (happening)
            {
                case Happening.IsApproved or Happening.IsDenied:
                    Say(happening is Happening.IsApproved);
                    break;
                case Happening.ItsPaceIsChanged or Happening.ItsPaceIsSetBack:
                    World.Edit(spec => spec with { Pace = new Pace { MaxPerSecond = happening is Happening.ItsPaceIsChanged ? 500 : 100 } });
                    break;
                case Happening.WordsAreDeleted:
                    // What the operator never heard of was never said.
                    World.Pass();
                    World.Approvals.Clear();
                    Forget();
                    break;
                case Happening.Dies:
                    World.Crash();
                    break;
                default:
                    FleetAndTime(happening);
                    break;
            }
        }

        private void FleetAndTime(Happening happening)
        {
            bool freezing = World.Order is { Gate: Gate.Freeze };
            switch (happening)
            {
                case Happening.SecondPasses or Happening.MinutesPass:
                    TimeSpan time = happening is Happening.SecondPasses ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(3);
                    World.Now += time;
                    World.PreviewAge += time;
                    break;
                case Happening.NodesCount:
                    World.PreviewedShards = 16;
                    World.PreviewAge = TimeSpan.Zero;
                    break;
                case Happening.NodesFreeze when freezing:
                    World.Freeze(16, World.Matching);
                    break;
                case Happening.CarsAreTold when World.Ledger is { Pace.Open: true }:
                    World.Change(counts => counts.Pending == 0 ? counts : counts with { Pending = counts.Pending - 1, Delivered = counts.Delivered + 1 });
                    break;
                case Happening.MoreMatch or Happening.FewerMatch:
                    World.Matching = happening is Happening.MoreMatch ? 48 : 32;
                    break;
                case Happening.MoreComeOnline or Happening.SomeGo:
                    World.Online = happening is Happening.MoreComeOnline ? 30 : 10;
                    break;
            }
        }

        private void Say(bool approved)
        {
            World.Now = World.Now.AddSeconds(1);
            World.Say(approved ? ApprovalVerb.Approve : ApprovalVerb.Deny, "alice");
            _lastWords[World.Campaign!.Spec.Pace.MaxPerSecond] = (World.Now, approved);
        }

        // Remembered is what was said about the spec as it stands; of another one only the resources spoke.
        private void Forget()
        {
            foreach (int pace in _lastWords.Keys.Where(pace => pace != World.Campaign!.Spec.Pace.MaxPerSecond).ToList())
            {
                _lastWords.Remove(pace);
            }
        }
    }
}
