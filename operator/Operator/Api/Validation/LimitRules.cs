namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.rollout.abortWhen</c> must hold.</summary>
internal static class LimitRules
{
    public static void Check(FaultList faults, PushCampaignSpec spec)
    {
        faults.Range("spec.resume", spec.Resume, 0, 1_000_000);
        faults.Items("spec.rollout.abortWhen", spec.Rollout.AbortWhen, 1, 8, (path, limit) =>
        {
            faults.Range($"{path}.percent", limit.Percent, 0, 100);
            faults.Range($"{path}.minSamples", limit.MinSamples, 1, 1_000_000);
            faults.Range($"{path}.windowSeconds", limit.WindowSeconds, 10, 86_400);
        });
    }
}
