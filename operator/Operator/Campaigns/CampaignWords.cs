using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Limits;
using PushPlatform.Operator.Campaigns.Steps;

namespace PushPlatform.Operator.Campaigns;

/// <summary>How it goes, in one sentence for people. Pure.</summary>
internal static class CampaignWords
{
    public static string Of(CampaignStanding standing, CampaignCounts? counts, PreviewStatus? preview)
    {
        if (standing.Obstacle is { } obstacle)
        {
            return obstacle.Message;
        }
        if (standing.End is { } end)
        {
            return OfEnd(end, counts, standing.Limits);
        }
        string matching = preview is null ? "" : $"{(preview.Matched == 1 ? "1 car matches" : $"{preview.Matched} cars match")}, {preview.Online} of them online";
        return standing switch
        {
            { Progress: { } progress } => progress,
            { Work: Reasons.Freezing } => "The targets are being written down",
            { Work: Reasons.Ending or Reasons.GaveWay } => "It is being ended: what was sent may still be answered",
            { Hold: { Reason: not (Reasons.SuspendedByUser or Reasons.NotStarted) } hold } => $"{(standing.Started ? Delivered(counts) : matching)}; {hold.Message}",
            { Phase: CampaignPhase.Suspended, Started: true } => $"Suspended: {Delivered(counts)}",
            { Phase: CampaignPhase.Suspended } => matching.Length > 0 ? $"Suspended: {matching}" : "Suspended",
            { Phase: CampaignPhase.Scheduled, StartsAt: { } at } => $"Starts at {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}: {matching}",
            { Phase: CampaignPhase.CatchingUp } => $"{Delivered(counts)}; the others {(counts?.Rehearsed is null ? "are" : "would be")} told when they come back",
            { Phase: CampaignPhase.Pushing } => $"{StepWords.Progress(standing.Steps)}{Delivered(counts)}",
            { Phase: CampaignPhase.Previewing } => "The nodes are counting whom it would reach",
            _ => "Waiting",
        };
    }

    public static string OfEnd(Tombstone end, CampaignCounts? counts, LimitsStatus? limits) => (end.Outcome, end.Reason) switch
    {
        (CampaignOutcome.Completed, _) when end.Counts.Targeted == 0 => "No car was a target",
        (CampaignOutcome.Completed, _) => Delivered(counts),
        (CampaignOutcome.Expired, _) => $"Expired: {Delivered(counts)}",
        (_, Reasons.TooFewOnline) => "Aborted: too few cars were online in time; raise spec.revision to try again",
        (_, Reasons.LimitExceeded) when limits?.Exceeded is { } exceeded => $"{LimitPlan.Words(exceeded)}: aborted with {Delivered(counts)}",
        (_, Reasons.Cancelled) => $"Cancelled: {Delivered(counts)}{Forgotten(counts)}",
        (_, Reasons.Superseded) when end.InFavourOf is { } newer => $"Campaign {newer}, a newer push of this patch, took its place: {Delivered(counts)}",
        (_, Reasons.Conflict) => $"Campaign {end.InFavourOf} pushes this patch already, and spec.conflictPolicy is Reject: nothing was sent; raise spec.revision to try again",
        (_, Reasons.Superseded) => $"A higher revision took its place: {Delivered(counts)}",
        (_, Reasons.Deleted or Reasons.OwnerGone) => $"An earlier resource of this id was deleted: {Delivered(counts)}; raise spec.revision to push again",
        _ => $"Aborted: {Delivered(counts)}",
    };

    private static string Delivered(CampaignCounts? counts) => counts?.Rehearsed is { } rehearsed
        ? $"{rehearsed} of {counts.Targeted} would have been told, nothing is sent"
        : $"{counts?.Delivered ?? 0} of {counts?.Targeted ?? 0} delivered";

    private static string Forgotten(CampaignCounts? counts) => counts switch
    {
        { Cancelling: > 0 } => $"; {counts.Cancelled ?? 0} have forgotten it, {counts.Cancelling} have not answered",
        { Cancelled: > 0 } => $"; {counts.Cancelled} have forgotten it",
        _ => "",
    };

    public static string OfWork(string work) => work switch
    {
        Reasons.Previewing => "Counting whom it would reach",
        Reasons.Freezing => "Writing the targets down",
        Reasons.Ending => "Closing it",
        Reasons.GaveWay => "Nothing more is sent; what was may still be answered",
        _ => "Waiting for what it needs",
    };
}
