using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Steps;

/// <summary>How many cars the ledger may let be told (G4). A ledger that steps are to hold back is made with quotas of nothing, and is raised step by step.</summary>
internal static class StepQuota
{
    /// <summary>More than any ledger holds: once the last step is over, the quotas no longer hold anybody back.</summary>
    internal const long Everybody = 1L << 40;

    public static bool HasSteps(PushCampaignSpec spec) => spec.Rollout.Steps is { Count: > 0 };

    /// <summary>Of a ledger that is to be made; null: no quotas at all.</summary>
    public static long? AtFirst(PushCampaignSpec spec) => HasSteps(spec) ? 0 : spec.Targets.MaxRecipients;

    /// <summary>What the quotas should add up to now; null: the ledger has none.</summary>
    /// <remarks>By the status as it stands, never by what is about to be written into it: whoever comes after a crash must know of each step that cars were told in.</remarks>
    public static long? Now(CampaignObservation seen)
    {
        if (!HasQuotas(seen.Ledger!))
        {
            return null;
        }
        long most = seen.Spec.Targets.MaxRecipients ?? Everybody;
        IReadOnlyList<StepStatus> opened = Opened(seen);
        if (opened.Count == 0)
        {
            return HasSteps(seen.Spec) ? 0 : most;
        }
        return Math.Min(most, Reach(opened));
    }

    /// <summary>The steps that have been opened, by what the status says.</summary>
    public static IReadOnlyList<StepStatus> Opened(CampaignObservation seen) =>
        seen.StatusIsCurrent ? [.. (seen.Status.Steps ?? []).Where(step => step.StartedAt is not null)] : [];

    /// <summary>How many cars may be told in these steps together.</summary>
    public static long Reach(IEnumerable<StepStatus> opened) => opened.Sum(step => step.Size ?? Everybody);

    public static bool HasQuotas(LedgerReading ledger) => ledger.Shards.All(shard => shard?.Quota is not null);

    /// <summary>Steps that came after the ledger was made (or went, while it was being made) do not fit it any more.</summary>
    public static bool Fits(CampaignObservation seen)
    {
        LedgerShard[] shards = [.. seen.Ledger!.Shards.OfType<LedgerShard>()];
        bool none = shards.All(shard => shard.Quota is null);
        return shards.All(shard => shard.Quota is not null) || (none && !HasSteps(seen.Spec));
    }
}
