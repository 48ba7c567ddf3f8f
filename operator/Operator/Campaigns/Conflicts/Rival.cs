using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>Another campaign of the same pool that pushes a patch of the same id, as its resource tells.</summary>
internal sealed record Rival
{
    public required string Name { get; init; }

    public int Priority { get; init; }

    /// <summary>When its revision was accepted; null for one that never was, or that leaves.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>Its gate may be open, or may have been.</summary>
    public bool Started { get; init; }

    /// <summary>It has ended.</summary>
    public bool Over { get; init; }

    /// <summary>It has, and <c>spec.retry</c> could let it go on.</summary>
    public bool MayReturn { get; init; }

    /// <summary>It cannot go on unless a person puts something right.</summary>
    public bool Stalled { get; init; }

    /// <summary>It gives way to a newer one, for good.</summary>
    public bool GivesWay { get; init; }

    /// <summary>And nothing of it can leave any more.</summary>
    public bool GaveWay { get; init; }

    /// <summary>It is being deleted or closed, whatever anybody asks of it.</summary>
    public bool Leaves { get; init; }

    /// <summary>As it was read, to be written back only if nobody has changed it since; null for an order without a resource.</summary>
    public PushCampaign? Resource { get; init; }

    /// <summary>It wants to push, and may.</summary>
    public bool Competes => AcceptedAt is not null && !Over && !Stalled && !GivesWay && !Leaves;

    /// <summary>On its way out, and not yet sure to be silent.</summary>
    public bool IsClosing => Started && !Over && (Leaves || (GivesWay && !GaveWay));

    public static Rival Of(PushCampaign campaign)
    {
        PushCampaignStatus status = campaign.Status;
        return new Rival
        {
            Name = campaign.Name(),
            Priority = campaign.Spec.Priority,
            AcceptedAt = status.AcceptedAt ?? status.StartedAt,
            Started = status.Ledger is not null,
            Over = CampaignPlan.IsEnd(status.Phase),
            MayReturn = status is { Phase: CampaignPhase.Completed, Ledger: not null },
            Stalled = Is(status, ConditionTypes.Stalled, reason: null),
            GivesWay = status.SupersededBy is not null,
            GaveWay = Is(status, ConditionTypes.Reconciling, Reasons.GaveWay),
            Leaves = campaign.Metadata.DeletionTimestamp is not null,
            Resource = campaign,
        };
    }

    /// <summary>Of an order in the book that no resource stands for as it is now: of an older revision, or of a campaign that is gone.</summary>
    public static Rival OfOrder(string campaignId) => new() { Name = campaignId, Started = true, Leaves = true };

    private static bool Is(PushCampaignStatus status, string type, string? reason) =>
        status.Conditions?.Any(condition => condition.Type == type && condition.Status == "True" && (reason is null || condition.Reason == reason)) == true;
}

/// <summary>All rivals of one campaign.</summary>
/// <param name="All">Those that are over included.</param>
/// <param name="Fresh">Asked of the API server and the order book just now; else as the cache remembers them, good enough to go on waiting.</param>
internal sealed record Rivals(IReadOnlyList<Rival> All, bool Fresh)
{
    public static readonly Rivals None = new([], Fresh: true);
}
