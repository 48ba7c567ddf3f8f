using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Approvals;

namespace PushPlatform.Operator.Campaigns.Gates;

/// <summary>What people said about a campaign as it stands. Pure.</summary>
/// <remarks>An approval that was heard once counts also after it was deleted: else whoever may delete a denial could lift it.</remarks>
internal static class ApprovalList
{
    /// <summary>More than this are not remembered: the oldest go, but never the last word.</summary>
    internal const int Most = 16;

    private const int LongestComment = 200;

    /// <param name="campaign">Whose status remembers what was heard.</param>
    /// <param name="specHash">What they have to speak of; empty = it is not known, and nobody has spoken of it.</param>
    /// <param name="all">The approvals of its namespace.</param>
    /// <returns>Oldest first; of the same second, a denial last.</returns>
    public static IReadOnlyList<CampaignApproval> Of(PushCampaign campaign, string specHash, IEnumerable<PushCampaignApproval> all)
    {
        if (specHash.Length == 0)
        {
            return [];
        }
        IEnumerable<CampaignApproval> remembered = campaign.Status.SpecHash == specHash ? campaign.Status.Approvals ?? [] : [];
        IEnumerable<CampaignApproval> standing = all
            .Where(approval => approval.IsAccepted() && approval.Status.Recorded is { } recorded && recorded.Campaign == campaign.Name() && recorded.SpecHash == specHash)
            .Select(Of);
        CampaignApproval[] said =
        [
            .. remembered.Concat(standing)
                .DistinctBy(approval => (approval.Name, approval.At))
                .OrderBy(approval => approval.At)
                .ThenBy(approval => approval.Verb is ApprovalVerb.Deny)
                .ThenBy(approval => approval.Name, StringComparer.Ordinal),
        ];
        return said.Length <= Most ? said : Bounded(said);
    }

    /// <summary>The last approval or denial; null = there is none.</summary>
    public static CampaignApproval? LastWord(IReadOnlyList<CampaignApproval> said) =>
        said.LastOrDefault(approval => approval.Verb is ApprovalVerb.Approve or ApprovalVerb.Deny);

    private static CampaignApproval[] Bounded(CampaignApproval[] said)
    {
        CampaignApproval? word = LastWord(said);
        HashSet<CampaignApproval> kept = [.. said.Where(approval => approval != word).TakeLast(word is null ? Most : Most - 1)];
        return [.. said.Where(approval => approval == word || kept.Contains(approval))];
    }

    private static CampaignApproval Of(PushCampaignApproval approval) => new()
    {
        Name = approval.Name(),
        Verb = approval.Status.Recorded!.Verb,
        By = approval.Status.Recorded.ApprovedBy,
        At = approval.Metadata.CreationTimestamp ?? approval.Status.AppliedAt ?? DateTimeOffset.UnixEpoch,
        Comment = approval.Spec.Comment is { Length: > LongestComment } comment ? comment[..LongestComment] : approval.Spec.Comment,
    };
}
