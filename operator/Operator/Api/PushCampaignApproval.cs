using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api;

/// <summary>A person's word on one campaign as it stands. Written once and never changed; defaults here equal those of <c>crds/pushcampaignapprovals.yaml</c>.</summary>
[KubernetesEntity(Group = PushApi.Group, ApiVersion = PushApi.Version, Kind = "PushCampaignApproval", PluralName = "pushcampaignapprovals")]
public sealed class PushCampaignApproval : CustomKubernetesEntity<PushCampaignApprovalSpec, PushCampaignApprovalStatus>;

/// <summary>Who says what, about which campaign.</summary>
public sealed record PushCampaignApprovalSpec
{
    /// <summary>The campaign, in the same namespace.</summary>
    [JsonRequired]
    public CampaignReference CampaignRef { get; set; } = new() { Name = "" };

    /// <summary>What is said.</summary>
    [JsonRequired]
    public ApprovalVerb Verb { get; set; }

    /// <summary><see cref="Api.SpecHash"/> of what is approved, as the campaign's status shows it.</summary>
    [JsonRequired]
    public string SpecHash { get; set; } = "";

    /// <summary>The name that the API server knows the writer by.</summary>
    [JsonRequired]
    public string ApprovedBy { get; set; } = "";

    /// <summary>Why, for those who read it later.</summary>
    public string? Comment { get; init; }
}

/// <summary>Names a <c>PushCampaign</c> in the same namespace.</summary>
public sealed record CampaignReference
{
    /// <summary>Name of the campaign.</summary>
    public required string Name { get; init; }
}

/// <summary>What a person says about a campaign.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalVerb>))]
public enum ApprovalVerb
{
    /// <summary>It may be pushed as it stands.</summary>
    Approve,

    /// <summary>It must not be pushed as it stands.</summary>
    Deny,

    /// <summary>The next step may begin.</summary>
    Promote,

    /// <summary>All further steps may begin.</summary>
    PromoteAll,
}

/// <summary>What the operator made of it, once and for good.</summary>
public sealed record PushCampaignApprovalStatus
{
    /// <summary>When it was judged.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>The approval as it was judged: API servers that know no CEL let it be changed afterwards, and that counts for nothing.</summary>
    public RecordedApproval? Recorded { get; init; }

    /// <summary>Accepted.</summary>
    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}

/// <summary>The part of an approval that is acted on.</summary>
public sealed record RecordedApproval
{
    /// <summary>Name of the campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>What was said.</summary>
    public required ApprovalVerb Verb { get; init; }

    /// <summary>What it was said about.</summary>
    public required string SpecHash { get; init; }

    /// <summary>Who said it.</summary>
    public required string ApprovedBy { get; init; }
}
