using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>What has to hold before anything is sent, how it may spread, and what stops it by itself.</summary>
public sealed record Rollout
{
    /// <summary>Whether a person has to approve it first.</summary>
    public ApprovalMode Approval { get; set; } = ApprovalMode.None;

    /// <summary>An older count of whom it reaches starts nothing: seconds.</summary>
    public int PreviewMaxAgeSeconds { get; set; } = 300;

    /// <summary>How many of the cars that match have to be online before it starts; <see langword="null"/> = none.</summary>
    public MinOnline? MinOnline { get; init; }

    /// <summary>How many targets may be told at first, and then, and then; after the last one all others. <see langword="null"/> means all from the start.</summary>
    public IReadOnlyList<RolloutStep>? Steps { get; init; }

    /// <summary>Limits that stop it by themselves; <see langword="null"/> means none.</summary>
    public IReadOnlyList<AbortLimit>? AbortWhen { get; init; }
}

/// <summary>How many of the cars that match have to be online: a number or a share of them, not both.</summary>
public sealed record MinOnline
{
    /// <summary>So many cars.</summary>
    public int? Count { get; init; }

    /// <summary>So many of a hundred that match.</summary>
    public int? Percent { get; init; }

    /// <summary>Seconds to wait for them, from when nothing else holds the start up.</summary>
    public int TimeoutSeconds { get; set; } = 3600;

    /// <summary>What becomes of the campaign then.</summary>
    public TooFewOnline OnTimeout { get; set; } = TooFewOnline.Hold;
}

/// <summary>What becomes of a campaign for which too few cars were online for too long.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TooFewOnline>))]
public enum TooFewOnline
{
    /// <summary>It waits for a person to change it, however many come.</summary>
    Hold,

    /// <summary>It starts all the same.</summary>
    Start,

    /// <summary>It is aborted.</summary>
    Abort,
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
