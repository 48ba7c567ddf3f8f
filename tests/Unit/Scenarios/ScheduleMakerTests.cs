using PushPlatform.Scenarios.Chaos;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Scenarios;

public sealed class ScheduleMakerTests
{
    private static readonly Schedule[] Many = [.. Enumerable.Range(1, 500).Select(ScheduleMaker.Make)];

    [Fact]
    public void Make_TheSameSeed_IsTheSameSchedule()
    {
        foreach (Schedule schedule in Many)
        {
            Table(ScheduleMaker.Make(schedule.Seed)).ShouldBe(Table(schedule));
        }
        Many.Select(schedule => Table(schedule)[(Table(schedule).IndexOf('\n', StringComparison.Ordinal) + 1)..]).Distinct().Count().ShouldBe(Many.Length);
    }

    [Fact]
    public void Make_ManySeeds_LeaveNothingOut()
    {
        Many.SelectMany(schedule => schedule.Events).Select(happening => happening.Action).Distinct().Order()
            .ShouldBe(Enum.GetValues<ChaosAction>());
        Many.SelectMany(schedule => schedule.Campaigns).Select(campaign => campaign.Audience).Distinct().Order().ShouldBe(Enum.GetValues<Audience>());
        Many.ShouldContain(schedule => schedule.Campaigns.Any(campaign => campaign.Cap != null));
        Many.ShouldContain(schedule => schedule.Events.Any(happening => happening.Action == ChaosAction.LeaderPaused && happening.For.TotalSeconds > 15));
    }

    [Fact]
    public void Make_AnySeed_ACampaignIsAppliedFirst_AndAHoldIsLifted()
    {
        foreach ((Schedule schedule, int index) in Many.SelectMany(schedule => schedule.Campaigns.Select((_, index) => (schedule, index))))
        {
            ChaosAction[] fate = [.. schedule.Events.Where(happening => happening.Index == index && IsOfCampaign(happening.Action)).Select(happening => happening.Action)];
            string why = $"seed {schedule.Seed}";
            fate[0].ShouldBe(ChaosAction.Apply, why);
            bool held = fate.Contains(ChaosAction.Suspend) || schedule.Campaigns[index].OnHold;
            fate.Contains(ChaosAction.Resume).ShouldBe(held, why);
        }
    }

    [Fact]
    public void Make_ALedgerIsLost_NothingElseIsAskedOfThatSchedule()
    {
        Schedule[] losing = [.. Many.Where(schedule => schedule.Events.Any(happening => happening.Action is ChaosAction.LedgerLost or ChaosAction.LedgerShardLost))];

        losing.Length.ShouldBeInRange(1, Many.Length / 5);
        losing.ShouldAllBe(schedule => schedule.Campaigns.Count == 1);
    }

    private static bool IsOfCampaign(ChaosAction action) => action is <= ChaosAction.RaiseRevision or ChaosAction.LedgerLost or ChaosAction.LedgerShardLost;

    private static string Table(Schedule schedule) => string.Join('\n', ScheduleTable.Of(schedule));
}
