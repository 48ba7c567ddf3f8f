using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>
/// Which campaigns may not go on for long without an operator (G8): those whose spec holds something that only the operator judges.
/// </summary>
internal static class Supervision
{
    public static bool IsNeeded(PushCampaignSpec spec) =>
        spec.Targets.MaxRecipients is not null || spec.Schedule?.Windows is not null || spec.Rollout.AbortWhen is not null || spec.Rollout.Steps is not null;
}
