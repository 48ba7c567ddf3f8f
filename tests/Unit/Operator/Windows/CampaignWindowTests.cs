using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Windows;

/// <summary>A campaign that may send from 22 to 6 o'clock UTC; the world begins at noon.</summary>
public sealed class CampaignWindowTests : CampaignLife
{
    private static readonly DateTimeOffset TenAtNight = new(2026, 11, 1, 22, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset SixInTheMorning = new(2026, 11, 2, 6, 0, 0, TimeSpan.Zero);

    public CampaignWindowTests() => World.Edit(spec => spec with { Schedule = new Schedule { Windows = [new SendWindow { From = "22:00", To = "06:00", TimeZone = "UTC" }] } });

    [Fact]
    public void BeforeTheWindow_IsScheduled_AndKeepsItsPreview()
    {
        Preview();
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Scheduled);
        World.Status.Message.ShouldBe("32 cars match, 20 of them online; outside spec.schedule.windows until 2026-11-01T22:00:00Z");
        World.Status.NextWindow.ShouldBe(new WindowStatus { From = TenAtNight, To = SixInTheMorning });
        World.Ledger.ShouldBeNull();
    }

    [Fact]
    public void InTheWindow_LeasesEndASecondBeforeItCloses_WhateverTheOperatorDoes()
    {
        StartAtTen();

        World.Ledger!.Pace!.NotAfter.ShouldBe(SixInTheMorning.AddSeconds(-1));
        World.Ledger.Pace.Supervised.ShouldBeTrue();
        World.Pass().Supervise.ShouldBeTrue();
        World.Status.NextWindow.ShouldBe(new WindowStatus { To = SixInTheMorning });
        World.Status.ExpiresAt.ShouldBe(TenAtNight.AddDays(7), "the end of a window is not the end");
    }

    [Fact]
    public void WindowCloses_IsPaused_AndGoesOnInTheNext()
    {
        StartAtTen();
        World.Now = SixInTheMorning;
        PushCampaignStatus before = World.Status;
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Paused);
        Condition("Paused").ShouldBe(("True", Reasons.OutsideWindow));
        World.Ledger!.Pace!.Open.ShouldBeFalse();
        World.Order!.Gate.ShouldBe(Gate.Paused);
        CampaignEvents.Between(before, World.Status).ShouldContain(told => told.Reason == Reasons.Paused && told.Message.Contains("until 2026-11-02T22:00:00Z"));

        before = World.Status;
        World.Now = TenAtNight.AddDays(1);
        World.Settle();
        World.Status.Phase.ShouldBe(CampaignPhase.Pushing);
        World.Status.Conditions!.ShouldNotContain(condition => condition.Type == "Paused");
        World.Ledger!.Pace!.NotAfter.ShouldBe(SixInTheMorning.AddDays(1).AddSeconds(-1));
        CampaignEvents.Between(before, World.Status).ShouldContain(told => told.Reason == Reasons.Resumed);
    }

    [Fact]
    public void ExpiresInTheWindow_LeasesEndThen()
    {
        World.Edit(spec => spec with { Schedule = spec.Schedule! with { ExpireAt = TenAtNight.AddHours(1) } });
        StartAtTen();

        World.Ledger!.Pace!.NotAfter.ShouldBe(TenAtNight.AddHours(1));
    }

    [Fact]
    public void ExpiresOutside_EndsAsExpired_AndSaysBeforehandThatNoneComes()
    {
        World.Edit(spec => spec with { Schedule = spec.Schedule! with { ExpireAt = SixInTheMorning.AddHours(1) } });
        StartAtTen();
        World.Now = SixInTheMorning;
        World.Settle();
        World.Status.Message!.ShouldEndWith("outside spec.schedule.windows, none of which opens before it expires");

        World.Now = SixInTheMorning.AddHours(1);
        WaitOut();
        World.Status.Phase.ShouldBe(CampaignPhase.Expired);
    }

    [Fact]
    public void WindowsTakenAwayWhileItWaits_GoesOn()
    {
        StartAtTen();
        World.Now = SixInTheMorning;
        World.Settle();

        World.Edit(spec => spec with { Schedule = null });
        World.Settle();

        World.Ledger!.Pace!.Open.ShouldBeTrue();
        World.Ledger.Pace.Supervised.ShouldBeFalse();
        World.Status.NextWindow.ShouldBeNull();
    }

    [Fact]
    public void Suspended_Outside_IsAPersonsHold()
    {
        StartAtTen();
        World.Now = SixInTheMorning;
        World.Edit(spec => spec with { Suspend = true });
        World.Settle();

        World.Status.Phase.ShouldBe(CampaignPhase.Suspended);
        World.Status.Conditions!.ShouldNotContain(condition => condition.Type == "Paused");
    }

    private void StartAtTen()
    {
        World.Now = TenAtNight;
        Start();
    }
}
