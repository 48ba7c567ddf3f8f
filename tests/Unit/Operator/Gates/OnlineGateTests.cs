using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Gates;

/// <summary>Of the 32 cars that match, 20 are online.</summary>
public sealed class OnlineGateTests : CampaignLife
{
    [Theory]
    [InlineData(20, null, true)]
    [InlineData(21, null, false)]
    [InlineData(null, 62, true)]
    [InlineData(null, 63, false)]
    public void Online_EnoughOrNot_StartsOrWaits(int? count, int? percent, bool starts)
    {
        Ask(new MinOnline { Count = count, Percent = percent });

        (World.Ledger is not null).ShouldBe(starts);
        if (!starts)
        {
            World.Status.Phase.ShouldBe(CampaignPhase.Paused);
            Condition("Paused").ShouldBe(("True", Reasons.TooFewOnline));
            World.Status.Message!.ShouldContain("20 of them online; at least");
            World.Status.TooFewOnlineSince.ShouldBe(World.Now);
        }
    }

    [Fact]
    public void OthersComeInTime_Starts()
    {
        Ask(new MinOnline { Count = 32 });
        World.Now = World.Now.AddSeconds(3599);
        World.Online = 32;
        World.Settle();

        World.Ledger.ShouldNotBeNull();
        World.Status.TooFewOnlineSince.ShouldBeNull();
    }

    [Fact]
    public void TimeIsUp_Start_StartsAllTheSame()
    {
        Ask(new MinOnline { Count = 32, TimeoutSeconds = 60, OnTimeout = TooFewOnline.Start });
        World.Now = World.Now.AddSeconds(59);
        World.Settle();
        World.Ledger.ShouldBeNull();

        World.Now = World.Now.AddSeconds(1);
        World.Crash();
        World.Settle();
        World.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void TimeIsUp_Hold_WaitsForAPersonHoweverManyCome()
    {
        Ask(new MinOnline { Count = 32, TimeoutSeconds = 60 });
        World.Now = World.Now.AddSeconds(60);
        World.Settle();
        World.Online = 32;
        World.Now = World.Now.AddSeconds(60);
        World.Settle();
        World.Ledger.ShouldBeNull();
        World.Status.Message!.ShouldContain("change spec.rollout.minOnline");

        World.Edit(spec => spec with { Rollout = new Rollout { MinOnline = new MinOnline { Count = 31 } } });
        World.Settle();
        World.Ledger.ShouldNotBeNull();
    }

    [Fact]
    public void TimeIsUp_Abort_IsOver_AndNobodyWasTold()
    {
        Ask(new MinOnline { Count = 32, TimeoutSeconds = 60, OnTimeout = TooFewOnline.Abort });
        World.Now = World.Now.AddSeconds(60);
        World.Settle();
        World.Settle();

        World.Ledger.ShouldBeNull();
        World.Tombstones.ShouldHaveSingleItem().Outcome.ShouldBe(CampaignOutcome.Aborted);
        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
        World.Status.AbortReason.ShouldBe(Reasons.TooFewOnline);
        World.Status.Message!.ShouldContain("too few cars were online");
    }

    [Fact]
    public void SuspendedMeanwhile_TheTimeBeginsAnew()
    {
        Ask(new MinOnline { Count = 32, TimeoutSeconds = 60, OnTimeout = TooFewOnline.Abort });
        World.Now = World.Now.AddSeconds(50);
        World.Edit(spec => spec with { Suspend = true });
        World.Settle();
        World.Status.TooFewOnlineSince.ShouldBeNull();
        World.Edit(spec => spec with { Suspend = false });
        World.Now = World.Now.AddSeconds(50);
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
        World.Status.TooFewOnlineSince.ShouldBe(World.Now);
    }

    [Fact]
    public void CountedAnewMeanwhile_TheTimeGoesOn()
    {
        Ask(new MinOnline { Count = 32, TimeoutSeconds = 60, OnTimeout = TooFewOnline.Abort });
        DateTimeOffset since = World.Now;
        World.PreviewedShards = 9;
        World.Now = World.Now.AddSeconds(30);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Previewing);
        World.Status.TooFewOnlineSince.ShouldBe(since);

        World.PreviewedShards = 16;
        World.Now = World.Now.AddSeconds(30);
        World.Settle();
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Aborted);
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void AnOldCount_StartsNothing(int age, bool starts)
    {
        World.PreviewAge = TimeSpan.FromSeconds(age);
        Preview();
        World.Settle();

        (World.Ledger is not null).ShouldBe(starts);
        World.Status.Preview!.ObservedAt.ShouldBe(World.Now.AddSeconds(-age));
        if (!starts)
        {
            World.Status.Phase.ShouldBe(CampaignPhase.Previewing);
            World.PreviewAge = TimeSpan.Zero;
            World.Settle();
            World.Ledger.ShouldNotBeNull();
        }
    }

    private void Ask(MinOnline asked)
    {
        World.Edit(spec => spec with { Rollout = new Rollout { MinOnline = asked } });
        Preview();
        World.Settle();
    }
}
