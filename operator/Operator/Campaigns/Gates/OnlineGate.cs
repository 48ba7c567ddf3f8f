using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Gates;

/// <summary>
/// <see cref="Rollout.MinOnline"/>: too few cars are online to start. Asked last, so that its time counts only while nothing else holds the start up; a change
/// of the spec begins it anew.
/// </summary>
internal static class OnlineGate
{
    public static Hold? BeforeStart(CampaignObservation seen)
    {
        if (seen.Spec.Rollout.MinOnline is not { } asked || WaitingPlan.Preview(seen) is not { } preview)
        {
            return null;
        }
        DateTimeOffset until = Since(seen).AddSeconds(asked.TimeoutSeconds);
        if (seen.Now < until)
        {
            return IsEnough(asked, preview) ? null : Held($"at least {Wanted(asked)} have to be online (spec.rollout.minOnline); at {Text(until)} it {Then(asked)}", until);
        }
        return asked.OnTimeout is TooFewOnline.Start ? null : Held($"until {Text(until)} fewer than {Wanted(asked)} were online: change spec.rollout.minOnline to go on");
    }

    /// <summary>It is to be aborted, for nobody came.</summary>
    public static bool GivesUp(CampaignObservation seen, Hold hold) =>
        hold is { Reason: Reasons.TooFewOnline, Until: null } && seen.Spec.Rollout.MinOnline is { OnTimeout: TooFewOnline.Abort };

    /// <summary>What the status remembers: a wait that has begun goes on while the cars are counted anew.</summary>
    public static DateTimeOffset? Remember(CampaignObservation seen, CampaignStanding standing) => standing switch
    {
        { Hold.Reason: Reasons.TooFewOnline } => Since(seen),
        { Hold: null, Work: Reasons.Previewing } when seen.Ledger is null && Begun(seen) is { } since => since,
        _ => null,
    };

    private static DateTimeOffset Since(CampaignObservation seen) => Begun(seen) ?? RunningPlan.WholeSeconds(seen.Now);

    private static DateTimeOffset? Begun(CampaignObservation seen) =>
        seen.StatusIsCurrent && seen.Status.ObservedGeneration == seen.Campaign.Generation() ? seen.Status.TooFewOnlineSince : null;

    private static bool IsEnough(MinOnline asked, PreviewStatus preview) =>
        asked.Count is { } count ? preview.Online >= count : preview.Online * 100 >= asked.Percent * preview.Matched;

    private static string Wanted(MinOnline asked) => asked.Count is { } count ? $"{count}" : $"{asked.Percent} % of them";

    private static string Then(MinOnline asked) => asked.OnTimeout switch
    {
        TooFewOnline.Start => "starts all the same",
        TooFewOnline.Abort => "is aborted",
        _ => "is held for a person",
    };

    private static string Text(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}";

    private static Hold Held(string message, DateTimeOffset? until = null) => new(CampaignPhase.Paused, Reasons.TooFewOnline, message, until);
}
