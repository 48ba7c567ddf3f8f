using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Pools;

/// <summary>What the campaigns of a pool mean for its size. Pure.</summary>
internal static class CampaignDemand
{
    /// <summary>As long as a node may take to come up and be found by vehicles, and then some.</summary>
    internal static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    /// <summary>The name of one that is telling vehicles that are online; null: none is. One that only waits for vehicles to come back holds nothing up.</summary>
    public static string? Pushing(IEnumerable<PushCampaign> campaigns) =>
        campaigns.Where(campaign => campaign.Status.Phase == CampaignPhase.Pushing).Select(campaign => campaign.Metadata.Name).Min(StringComparer.Ordinal);

    /// <summary>How many vehicles the largest of those that are about to start finds online. Not their sum: they may be for the same vehicles.</summary>
    public static long Expected(IEnumerable<PushCampaign> campaigns, DateTimeOffset now) =>
        campaigns.Where(campaign => IsAboutToStart(campaign, now)).Max(campaign => campaign.Status.Preview?.Online) ?? 0;

    private static bool IsAboutToStart(PushCampaign campaign, DateTimeOffset now) => campaign.Status.Phase switch
    {
        CampaignPhase.Previewing => !campaign.Spec.Suspend,
        CampaignPhase.Scheduled => !campaign.Spec.Suspend && campaign.Status.StartsAt - now <= Soon,
        _ => false,
    };
}
