using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>
/// Refuses what schema and CEL refuse, in the same words: API servers before 1.30 ignore CEL, and no server can measure
/// <see cref="Patch.Data"/>. Pure.
/// </summary>
public static class CampaignValidation
{
    /// <summary>Most bytes of a patch as UTF-8 JSON.</summary>
    public const int MaxPatchBytes = 32 * 1024;

    private const int MaxNameForDefaultId = 116;

    /// <summary>All faults of a campaign; none means that it may be carried out.</summary>
    /// <param name="campaign">The campaign, with the schema's defaults filled in.</param>
    /// <param name="previous">What the operator knows of it so far; <see langword="null"/> for a new one.</param>
    /// <param name="contentHash">
    /// <see cref="ContentHash"/> of the content as it is now; <see langword="null"/> when it is not known (a list cannot be read), and then
    /// the freeze is not judged.
    /// </param>
    /// <param name="sessions">What the campaign's pool keeps apart; <see langword="null"/> while there is no pool.</param>
    public static IReadOnlyList<Fault> Faults(
        PushCampaign campaign, PushCampaignStatus? previous, string? contentHash = null, SessionMode? sessions = null)
    {
        FaultList faults = new();
        PushCampaignSpec spec = campaign.Spec;
        Identity(faults, campaign);
        Content(faults, spec.Patch);
        TargetRules.Check(faults, spec.Targets);
        if (sessions is SessionMode.Single)
        {
            TargetRules.CheckDevices(faults, spec.Targets);
        }
        WhenAndHowFast(faults, spec);
        StepRules.Check(faults, spec.Rollout.Steps);
        if (previous is not null)
        {
            TransitionRules.Check(faults, campaign, previous, contentHash);
        }
        return faults.Faults;
    }

    private static void Identity(FaultList faults, PushCampaign campaign)
    {
        PushCampaignSpec spec = campaign.Spec;
        faults.Text("spec.poolRef.name", spec.PoolRef.Name, 1, 50, Forms.PoolName, Forms.PoolNameInWords);
        faults.Text("spec.campaignId", spec.CampaignId, 1, 180, Forms.CampaignId, Forms.CampaignIdInWords);
        faults.Require(
            spec.CampaignId is not null || campaign.Name().Length <= MaxNameForDefaultId,
            "metadata.name",
            "without spec.campaignId the name may have at most 116 characters, because namespace/name becomes the campaign's id: shorten the name or set spec.campaignId");
        faults.Range("spec.revision", spec.Revision, 1, int.MaxValue);
    }

    private static void Content(FaultList faults, Patch patch)
    {
        faults.Text("spec.patch.id", patch.Id, 1, 128, Forms.Trimmed, Forms.TrimmedInWords);
        faults.Text("spec.patch.version", patch.Version, 1, 128, Forms.Trimmed, Forms.TrimmedInWords);
        faults.Text("spec.patch.url", patch.Url, 8, 2048, Forms.Url, Forms.UrlInWords);
        faults.Text("spec.patch.sha256", patch.Sha256, 64, 64, Forms.Sha256, Forms.Sha256InWords);
        faults.Range("spec.patch.sizeBytes", patch.SizeBytes, 0, 1L << 40);
        faults.Text("spec.patch.notes", patch.Notes, 0, 4096);
        if (patch.Data is { } data)
        {
            if (data.ValueKind is not JsonValueKind.Object)
            {
                faults.Add("spec.patch.data", "must be an object");
            }
            else if (data.GetPropertyCount() > 256)
            {
                faults.Add("spec.patch.data", $"has {data.GetPropertyCount()} entries, but must have at most 256");
            }
        }
        int size = PatchJson.Bytes(patch).Length;
        faults.Require(size <= MaxPatchBytes, "spec.patch", $"is {size} bytes as JSON, but must be at most {MaxPatchBytes}: put large things behind the url");
    }

    private static void WhenAndHowFast(FaultList faults, PushCampaignSpec spec)
    {
        faults.Require(
            !(spec.Schedule is { StartAt: { } start, ExpireAt: { } expire } && expire <= start),
            "spec.schedule.expireAt",
            "expireAt must be later than startAt");
        WindowRules.Check(faults, spec.Schedule);
        LimitRules.Check(faults, spec);
        RetryRules.Check(faults, spec.Retry);
        PaceRules.Check(faults, spec.Pace);
        RolloutRules.Check(faults, spec.Rollout);
        faults.Range("spec.delivery.ackTimeoutSeconds", spec.Delivery.AckTimeoutSeconds, 1, 3600);
        faults.Range("spec.delivery.maxAttempts", spec.Delivery.MaxAttempts, 1, 100);
        faults.Range("spec.delivery.perVehicleMinIntervalSeconds", spec.Delivery.PerVehicleMinIntervalSeconds, 0, 604_800);
        faults.Range("spec.delivery.installTimeoutSeconds", spec.Delivery.InstallTimeoutSeconds, 60, 7_776_000);
        faults.Range("spec.priority", spec.Priority, 0, 1000);
        faults.Range("spec.ttlSecondsAfterFinished", spec.TtlSecondsAfterFinished, 0, 315_360_000);
    }
}
