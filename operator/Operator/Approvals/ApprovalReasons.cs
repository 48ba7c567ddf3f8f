namespace PushPlatform.Operator.Approvals;

/// <summary>Every reason of the condition and the events of a PushCampaignApproval. They are part of the API: one is added, never renamed.</summary>
internal static class ApprovalReasons
{
    public const string Accepted = nameof(Accepted);

    // Accepted=False, for good
    public const string InvalidSpec = nameof(InvalidSpec);
    public const string CampaignNotFound = nameof(CampaignNotFound);
    public const string CampaignOver = nameof(CampaignOver);
    public const string IdentityNotProven = nameof(IdentityNotProven);
    public const string NotAwaited = nameof(NotAwaited);
    public const string SpecChanged = nameof(SpecChanged);

    // Events only
    public const string ChangedAfterwards = nameof(ChangedAfterwards);
}
