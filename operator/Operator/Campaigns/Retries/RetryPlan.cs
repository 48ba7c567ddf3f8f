using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

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
        int round = Math.Max(seen.Spec.Retry?.Round ?? 0, ledger.Shards.Max(shard => shard!.Retry));
        return round <= ledger.Retry ? null : new CampaignStep.PutBack(ledger.LedgerId, round, seen.Spec.Retry?.Round == round ? seen.Spec.Retry.Codes : []);
    }

    /// <summary>After the end: puts the cars back behind a closed gate, then lets the revision go on. Null: nothing is to be done.</summary>
    public static CampaignStep? AfterTheEnd(CampaignObservation seen, Tombstone end)
    {
        if (Next(seen) is { } next && Refusal(seen, end) is null)
        {
            return next;
        }
        return seen.OwnsLedger && seen.Ledger is { Counts.Pending: > 0 } ledger && ledger.Retry > end.Retry ? new CampaignStep.Reopen(ledger.LedgerId, end, ledger.Retry) : null;
    }

    /// <summary>
    /// The end that counts: none where the revision was let go on. Without its ledger it is over as it was before, for whoever comes next (G10); its owner is to be told
    /// that the ledger is lost.
    /// </summary>
    public static Tombstone? EndOf(PushCampaign campaign, Tombstone? end, LedgerReading? ledger) =>
        end is { Reopened: true } && (ledger is not null || (end.OwnerUid == campaign.Uid() && campaign.Status.Ledger is not null)) ? null : end;

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
        _ when seen.Clock >= RunningPlan.ExpiresAt(seen) => "it has expired: put spec.schedule.expireAt later, or raise spec.revision to push again",
        _ => null,
    };
}
