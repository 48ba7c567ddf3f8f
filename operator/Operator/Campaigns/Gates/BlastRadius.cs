using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Gates;

/// <summary>
/// <see cref="Targets.MaxTargets"/>: more cars that match than a person meant to reach. Asked of the preview, and once more of what was frozen: cars
/// come between the two. From the first car that is told it is not asked any more: who is taken along later is another question.
/// </summary>
internal static class BlastRadius
{
    public static Hold? BeforeStart(CampaignObservation seen) => seen.Spec.Targets.MaxTargets is { } most && WaitingPlan.Preview(seen)?.Matched > most
        ? Held($"that is more than spec.targets.maxTargets ({most}): narrow spec.targets, or raise maxTargets")
        : null;

    public static Hold? WhileRunning(CampaignObservation seen) =>
        seen.Spec.Targets.MaxTargets is { } most && seen.Ledger is { Frozen: true } ledger && ledger.Counts.Targeted > most && NobodyWasTold(seen)
            ? Held($"{ledger.Counts.Targeted} cars matched when the targets were written down, more than spec.targets.maxTargets ({most}): raise spec.revision together with narrower targets or a higher maxTargets")
            : null;

    private static bool NobodyWasTold(CampaignObservation seen) => seen.Ledger!.Shards.All(shard => shard is null or { Claimed: 0 });

    private static Hold Held(string message) => new(CampaignPhase.Paused, Reasons.TooManyTargets, message);
}
