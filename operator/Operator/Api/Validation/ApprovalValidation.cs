namespace PushPlatform.Operator.Api.Validation;

/// <summary>Refuses what schema and CEL refuse of an approval, in the same words: API servers before 1.30 ignore CEL. Pure.</summary>
public static class ApprovalValidation
{
    /// <summary>All faults of an approval; none means that it may be judged.</summary>
    /// <param name="approval">The approval.</param>
    /// <param name="previous">What the operator knows of it so far; <see langword="null"/> for a new one.</param>
    public static IReadOnlyList<Fault> Faults(PushCampaignApproval approval, PushCampaignApprovalStatus? previous)
    {
        FaultList faults = new();
        PushCampaignApprovalSpec spec = approval.Spec;
        faults.Text("spec.campaignRef.name", spec.CampaignRef.Name, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
        faults.Text("spec.specHash", spec.SpecHash, 32, 32, Forms.SpecHash, Forms.SpecHashInWords);
        faults.Text("spec.approvedBy", spec.ApprovedBy, 1, 512, Forms.Trimmed, Forms.TrimmedInWords);
        faults.Text("spec.comment", spec.Comment, 0, 1024);
        faults.Require(
            previous?.Recorded is not { } recorded || recorded == Recorded(spec),
            "spec",
            "an approval cannot be changed: create another PushCampaignApproval");
        return faults.Faults;
    }

    /// <summary>The part of it that is acted on.</summary>
    internal static RecordedApproval Recorded(PushCampaignApprovalSpec spec) =>
        new() { Campaign = spec.CampaignRef.Name, Verb = spec.Verb, SpecHash = spec.SpecHash, ApprovedBy = spec.ApprovedBy };
}
