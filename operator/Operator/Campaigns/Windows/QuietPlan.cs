using Hours = PushPlatform.Delivery.Orders.QuietHours;

namespace PushPlatform.Operator.Campaigns.Windows;

/// <summary>What <c>schedule.quietHours</c> means for a campaign: the nodes judge each car, and nothing waits for one that is not to be disturbed.</summary>
internal static class QuietPlan
{
    /// <summary>For the nodes.</summary>
    public static Hours? Hours(CampaignObservation seen) => seen.Faults.Count > 0 || seen.Spec.Schedule?.QuietHours is not { } quiet ? null : new Hours
    {
        FromSecond = Calendar.SecondOfDay(quiet.From),
        ToSecond = Calendar.SecondOfDay(quiet.To),
        TimeZone = quiet.TimeZone,
    };

    /// <summary>Cars that are online and wait for their quiet hours to end; null where nobody can.</summary>
    public static int? Waiting(CampaignObservation seen) => seen is not { Order.QuietHours: not null, Tombstone: null, OwnsOrder: true, Ledger.Frozen: true } ? null : seen.Nodes
        .SelectMany(node => node.Orders)
        .Where(progress => progress.CampaignId == seen.Order!.CampaignId && progress.Revision == seen.Order.Revision)
        .Sum(progress => progress.InQuietHours);

    /// <summary>To follow on a sentence.</summary>
    public static string Words(int? waiting) => waiting > 0 ? $"; {waiting} wait for their quiet hours to end" : "";
}
