using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>What has to hold before anything is sent, how it may spread, and what stops it by itself.</summary>
public sealed record Rollout
{
    /// <summary>Whether a person has to approve it first.</summary>
    public ApprovalMode Approval { get; set; } = ApprovalMode.None;

    /// <summary>How many targets may be told at first, and then, and then; after the last one all others. <see langword="null"/> means all from the start.</summary>
    public IReadOnlyList<RolloutStep>? Steps { get; init; }

    /// <summary>Limits that stop it by themselves; <see langword="null"/> means none.</summary>
    public IReadOnlyList<AbortLimit>? AbortWhen { get; init; }
}

/// <summary>Who lets a campaign go.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalMode>))]
public enum ApprovalMode
{
    /// <summary>Nobody has to.</summary>
    None,

    /// <summary>A person, by a <see cref="PushCampaignApproval"/>.</summary>
    Manual,
}
