using System.Globalization;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>A schedule for people.</summary>
internal static class ScheduleTable
{
    public static IEnumerable<string> Of(Schedule schedule)
    {
        yield return $"seed {schedule.Seed}";
        foreach (CarGroup group in schedule.Groups.Where(group => group.Count > 0))
        {
            string answer = group.AnswerAfter > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $", answers after {group.AnswerAfter.TotalSeconds:0.0} s") : "";
            yield return $"  cars      {group.Count,3} {group.Name} (model {group.Model}, {group.Presence}, {group.Answer}{answer})";
        }
        foreach (CampaignPlan campaign in schedule.Campaigns)
        {
            string more = (campaign.Cap is { } cap ? $", cap {cap}" : "")
                + (campaign.OnHold ? ", on hold" : "")
                + (campaign.ExpiresAfterSeconds is { } seconds ? $", expires after {seconds} s" : "");
            yield return $"  campaign  {campaign.Name}: {campaign.Audience}, {campaign.MaxPerSecond}/s, newcomers {campaign.NewVehicles}{more}";
        }
        foreach (ChaosEvent happening in schedule.Events)
        {
            string lasts = happening.For > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" for {happening.For.TotalSeconds:0.0} s") : "";
            yield return string.Create(CultureInfo.InvariantCulture, $"  {happening.At.TotalSeconds,6:0.00}s   {Words(schedule, happening)}{lasts}");
        }
    }

    private static string Words(Schedule schedule, ChaosEvent happening) => happening.Action switch
    {
        <= ChaosAction.RaiseRevision or ChaosAction.LedgerLost or ChaosAction.LedgerShardLost => $"{happening.Action} {schedule.Campaigns[happening.Index].Name}",
        <= ChaosAction.NodeRabbitSilent => $"{happening.Action} node {happening.Index}",
        ChaosAction.CarsReset or ChaosAction.CarsHalfOpen or ChaosAction.CarsTwice => $"{happening.Action} {happening.Index} cars",
        _ => $"{happening.Action}",
    };
}
