using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>What came of a campaign that has ended. The phase says how it ended, this what it was good for.</summary>
internal static class OutcomeRule
{
    public static Outcome Of(Tombstone end) => end.Outcome switch
    {
        CampaignOutcome.Aborted => end.Reason == Reasons.Superseded ? Outcome.Superseded : Outcome.Aborted,
        CampaignOutcome.Expired => Outcome.Expired,
        _ when end.Counts.Delivered + end.Counts.Suppressed == end.Counts.Targeted => Outcome.Succeeded,
        _ when end.Counts.Delivered == 0 => Outcome.Failed,
        _ => Outcome.PartiallySucceeded,
    };

    /// <summary>The same as the reason of the condition <c>Complete</c>, which tells apart one that had nobody to tell, and one that was taken back.</summary>
    public static string Reason(Tombstone end) => Of(end) switch
    {
        Outcome.Succeeded => end.Counts.Targeted == 0 ? Reasons.NoTargets : Reasons.Succeeded,
        Outcome.PartiallySucceeded => Reasons.PartiallySucceeded,
        Outcome.Failed => Reasons.Failed,
        Outcome.Aborted => end.Reason == Reasons.Cancelled ? Reasons.Cancelled : Reasons.Aborted,
        Outcome.Expired => Reasons.Expired,
        _ => Reasons.Superseded,
    };
}
