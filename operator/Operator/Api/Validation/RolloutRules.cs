namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.rollout</c> must hold.</summary>
internal static class RolloutRules
{
    public static void Check(FaultList faults, Rollout rollout)
    {
        faults.Range("spec.rollout.previewMaxAgeSeconds", rollout.PreviewMaxAgeSeconds, 120, 86_400);
        if (rollout.MinOnline is { } online)
        {
            const string path = "spec.rollout.minOnline";
            faults.Require(online.Count is null != online.Percent is null, path, "say how many have to be online either by count or by percent");
            faults.Range($"{path}.count", online.Count, 1, 100_000_000);
            faults.Range($"{path}.percent", online.Percent, 1, 100);
            faults.Range($"{path}.timeoutSeconds", online.TimeoutSeconds, 1, 2_592_000);
        }
    }
}
