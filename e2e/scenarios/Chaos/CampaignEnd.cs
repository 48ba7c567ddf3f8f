using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>What a campaign's resource says about its end.</summary>
internal static class CampaignEnd
{
    public static bool HasEnded(PushCampaign? campaign) =>
        campaign?.Status is { Phase: CampaignPhase.Completed or CampaignPhase.Aborted or CampaignPhase.Expired } status
        && status.ObservedGeneration == campaign.Metadata.Generation;

    public static bool IsStalledForItsLedger(PushCampaign? campaign) =>
        campaign?.Status?.Conditions?.Any(condition => condition is { Type: "Stalled", Status: "True", Reason: "LedgerLost" }) == true;

    /// <summary>Whether it is the end that its spec implies.</summary>
    public static bool Is(CampaignPhase? phase, Ending ending) => ending switch
    {
        Ending.Completed => phase == CampaignPhase.Completed,
        Ending.Cancelled => phase == CampaignPhase.Aborted,
        Ending.Expired => phase is CampaignPhase.Completed or CampaignPhase.Expired,
        _ => phase is CampaignPhase.Completed or CampaignPhase.Aborted or CampaignPhase.Expired,
    };

    public static string Words(PushCampaign? campaign) => campaign is null
        ? "there is no such campaign"
        : $"{campaign.Status?.Phase}, generation {campaign.Status?.ObservedGeneration} of {campaign.Metadata.Generation}, {campaign.Status?.Message} "
            + string.Join(", ", campaign.Status?.Conditions?.Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}") ?? []);
}
