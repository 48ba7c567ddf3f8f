using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Conflicts;

namespace PushPlatform.Operator.Campaigns.Retries;

/// <summary>
/// What <c>spec.retry</c> means: cars that have failed are put back among those to be told, once for each round that a person asks for, also after the campaign has
/// completed. The ledger knows how far each round has come, so it does not matter who goes on with it.
/// </summary>
internal static class RetryPlan
{
    /// <summary>A finished ledger is let go in the end; nothing is begun that late.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>The round to be carried out now; null: none is.</summary>
    public static CampaignStep.PutBack? Next(CampaignObservation seen)
    {
        if (Asked(seen) is not { } ledger)
        {
            return null;
        }
        // What was begun is gone through to its end, for the cars that are asked for by now: half a round would be nobody's.
        int round = Math.Max(seen.Spec.Retry?.Round ?? 0, Begun(ledger));
        return round <= ledger.Retry ? null : new CampaignStep.PutBack(ledger.LedgerId, round, seen.Spec.Retry?.Round == round ? seen.Spec.Retry.Codes : []);
    }

    /// <summary>After the end: puts the cars back behind a closed gate, then lets the revision go on. Null: nothing is to be done.</summary>
    public static CampaignStep? AfterTheEnd(CampaignObservation seen, Tombstone end)
    {
        if (Next(seen) is { } next)
        {
            if (Refusal(seen, end) is null)
            {
                return next;
            }
            if (seen.Ledger is { Counts.Pending: > 0 } ledger && Begun(ledger) is var begun && begun > ledger.Retry)
            {
                // Half a round that may not go on puts nobody back any more; whom it has put back ends as after a whole one.
                return next with { Round = begun, Codes = [] };
            }
        }
        return HasPutBack(seen, end) ? new CampaignStep.Reopen(seen.Ledger!.LedgerId, end, seen.Ledger.Retry) : null;
    }

    /// <summary>
    /// The end that counts: none where the revision was let go on. Without its ledger it is over as it was before, for whoever comes next (G10); its owner is to be told
    /// that the ledger is lost.
    /// </summary>
    public static Tombstone? EndOf(PushCampaign campaign, Tombstone? end, LedgerReading? ledger) =>
        end is { Reopened: true } && (ledger is not null || (end.OwnerUid == campaign.Uid() && campaign.Status.Ledger is not null)) ? null : end;

    /// <summary>Whether others of the same patch have to be known: before cars are put back after the end, and from then on until the gate has opened.</summary>
    public static bool AsksRivals(CampaignObservation seen) => seen.Tombstone is { } end
        ? end.OwnerUid == seen.Uid && (Next(seen) is not null || HasPutBack(seen, end))
        : GoesOnAfterItsEnd(seen) && seen is not { Ledger.Pace.Open: true };

    /// <summary>
    /// For whom a revision that goes on after its end has to end again: a newer campaign of the same patch, whose version cars may have by now. Asked while the gate is
    /// closed, after the status has said that it goes on: whoever is accepted later sees that, and waits or ends it.
    /// </summary>
    public static Rival? GivesWayTo(CampaignObservation seen) => GoesOnAfterItsEnd(seen) && !IsUnsaid(seen) && seen is not { Ledger.Pace.Open: true } ? Newer(seen) : null;

    /// <summary>It goes on after its end, and its status does not say so yet: nothing opens before.</summary>
    public static bool IsUnsaid(CampaignObservation seen) => GoesOnAfterItsEnd(seen) && seen.StatusIsCurrent && CampaignPlan.IsEnd(seen.Status.Phase);

    /// <summary>Where retries stand; null: nobody has ever asked for one.</summary>
    /// <param name="seen">With the revision at hand.</param>
    /// <param name="isQuiet">Nobody who is online waits to be told.</param>
    public static RetryStatus? Stand(CampaignObservation seen, bool isQuiet)
    {
        RetryStatus? before = seen.StatusIsCurrent ? seen.Status.Retry : null;
        int round = seen.OwnsLedger ? seen.Ledger!.Retry : 0;
        string? refused = seen.Tombstone is { } end && seen.Spec.Retry?.Round > Math.Max(round, end.Retry) ? Refusal(seen, end) : null;
        if (round == 0)
        {
            return refused is null && before is null ? null : (before ?? new RetryStatus()) with { Refused = refused };
        }
        RetryStatus stand = before?.Round == round ? before : new RetryStatus { Round = round, Retried = seen.Ledger!.Shards.Sum(shard => shard!.Retried) };
        bool isSettled = stand.SettledAt is not null || isQuiet || seen.Ledger!.Counts is { Pending: 0, InFlight: 0 };
        return stand with { SettledAt = isSettled ? stand.SettledAt ?? RunningPlan.WholeSeconds(seen.Now) : null, Refused = refused };
    }

    /// <summary>Cars that were put back are being told.</summary>
    public static bool IsUnderWay(RetryStatus? stand) => stand is { Round: > 0, SettledAt: null };

    /// <summary>A round is being gone through: what failed is not known for the moment.</summary>
    public static bool IsCounting(CampaignObservation seen) => Next(seen) is not null;

    /// <summary>The status does not know yet what the last round has put back.</summary>
    public static bool IsNew(CampaignObservation seen) => seen.Ledger!.Retry > (seen.StatusIsCurrent ? seen.Status.Retry?.Round ?? 0 : 0);

    private static int Begun(LedgerReading ledger) => ledger.Shards.Max(shard => shard!.Retry);

    private static bool HasPutBack(CampaignObservation seen, Tombstone end) => seen is { OwnsLedger: true, Ledger: { Counts.Pending: > 0 } ledger } && ledger.Retry > end.Retry;

    private static bool GoesOnAfterItsEnd(CampaignObservation seen) =>
        seen is { Tombstone: null, OwnsLedger: true, LatestTombstone: { Reopened: true } end } && end.OwnerUid == seen.Uid && end.Revision == seen.Revision;

    private static Rival? Newer(CampaignObservation seen)
    {
        DateTimeOffset? age = seen.StatusIsCurrent ? seen.Status.AcceptedAt ?? seen.Status.StartedAt : null;
        // One that has not started may have told cars in an earlier revision.
        return seen.Rivals.All.FirstOrDefault(rival => rival.AcceptedAt > age && (rival.Started || rival.Competes || rival.Resource?.Spec.Revision > 1));
    }

    private static LedgerReading? Asked(CampaignObservation seen) =>
        seen is { OwnsLedger: true, Ledger: { Whole: true, Frozen: true } ledger, IsDryRun: false } && seen.Revision == seen.Spec.Revision ? ledger : null;

    private static string? Refusal(CampaignObservation seen, Tombstone end) => end switch
    {
        _ when seen.Spec.Cancel => "it was cancelled: raise spec.revision to push again",
        _ when seen.Spec.Abort => "spec.abort is true: raise spec.revision to push again",
        { Outcome: CampaignOutcome.Aborted } => "it was aborted: raise spec.revision to push again",
        { Outcome: CampaignOutcome.Expired } => "it has expired: raise spec.revision to push again",
        { DryRun: true } => "it was a dry run, which tells nobody",
        _ when !seen.OwnsLedger || !seen.Ledger!.Whole || seen.Now - end.EndedAt > CampaignActuator.KeepFinished - Margin =>
            "it is not known any more who has failed: raise spec.revision to push again",
        _ when ((seen.StatusIsCurrent ? seen.Status.SupersededBy : null) ?? Newer(seen)?.Name) is { } newer =>
            $"campaign {newer} is newer and pushes {seen.Spec.Patch.Id}: no car gets an older version after a newer one",
        _ when seen.Clock >= RunningPlan.ExpiresAt(seen) => "it has expired: put spec.schedule.expireAt later, or raise spec.revision to push again",
        _ => null,
    };
}
