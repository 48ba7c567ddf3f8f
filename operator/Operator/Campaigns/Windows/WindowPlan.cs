using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Windows;

/// <summary>What <c>schedule.windows</c> means for a campaign. Redis's clock decides, because it is the one that ends the leases.</summary>
internal static class WindowPlan
{
    /// <summary>Why nothing leaves now; null inside a window, or where there are none.</summary>
    public static Hold? Hold(CampaignObservation seen, CampaignPhase phase)
    {
        if (!HasWindows(seen))
        {
            return null;
        }
        return Current(seen) switch
        {
            { IsOpen: true } => null,
            { From: { } from } when !(from >= RunningPlan.End(seen)) =>
                new Hold(phase, Reasons.OutsideWindow, $"outside spec.schedule.windows until {from.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", from),
            _ => new Hold(phase, Reasons.OutsideWindow, "outside spec.schedule.windows, none of which opens before it expires"),
        };
    }

    /// <summary>
    /// When leases end by themselves, wherever the operator is then: a grace before the window closes, so that the last notice has left by then.
    /// </summary>
    /// <param name="seen">What is seen.</param>
    /// <param name="expiresAt">When the campaign ends.</param>
    public static DateTimeOffset LeasesEnd(CampaignObservation seen, DateTimeOffset expiresAt) =>
        HasWindows(seen) && Current(seen) is { IsOpen: true, To: { } closes } && closes - RunningPlan.Grace < expiresAt ? closes - RunningPlan.Grace : expiresAt;

    /// <summary>For the status; null where there are no windows.</summary>
    public static WindowStatus? Next(CampaignObservation seen) =>
        HasWindows(seen) && Current(seen) is { } current ? new WindowStatus { From = current.From, To = current.To } : null;

    // A spec with faults is not carried out, and its windows may not even be readable.
    private static bool HasWindows(CampaignObservation seen) => seen.Faults.Count == 0 && seen.Spec.Schedule?.Windows is { Count: > 0 };

    private static OpenTime? Current(CampaignObservation seen) => Calendar.At(seen.Spec.Schedule!.Windows!, seen.Clock);
}
