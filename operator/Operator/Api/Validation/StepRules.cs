namespace PushPlatform.Operator.Api.Validation;

/// <summary>The steps of a rollout, in the schema's words.</summary>
internal static class StepRules
{
    public const string AddedTooLate = "steps cannot be added, because this revision has started: take them out, or raise spec.revision";

    public static void Check(FaultList faults, IReadOnlyList<RolloutStep>? steps)
    {
        faults.Items("spec.rollout.steps", steps, 1, 20, (at, step) => One(faults, at, step));
        faults.Require(
            IsSorted(steps?.Select(step => step.Count)) && IsSorted(steps?.Select(step => step.Percent)),
            "spec.rollout.steps",
            "a step cannot reach fewer cars than the one before it: count and percent say how many may be told altogether");
    }

    private static void One(FaultList faults, string at, RolloutStep step)
    {
        faults.Require((step.Count is null) != (step.Percent is null), at, "give either count or percent");
        faults.Require((step.PauseSeconds is null) == step.UntilPromoted, at, "give either pauseSeconds or untilPromoted: true");
        faults.Range($"{at}.count", step.Count, 1, 100_000_000);
        faults.Range($"{at}.percent", step.Percent, 1, 100);
        faults.Range($"{at}.pauseSeconds", step.PauseSeconds, 0, 2_592_000);
        faults.Range($"{at}.successPercent", step.SuccessPercent, 0, 100);
        faults.Range($"{at}.minSamples", step.MinSamples, 1, 1_000_000);
        faults.Range($"{at}.maxWaitSeconds", step.MaxWaitSeconds, 1, 7_776_000);
    }

    private static bool IsSorted(IEnumerable<int?>? numbers)
    {
        int[] given = [.. (numbers ?? []).OfType<int>()];
        return given.SequenceEqual(given.Order());
    }
}
