using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Retries;

namespace PushPlatform.Operator.Campaigns.Limits;

/// <summary>
/// What <c>rollout.abortWhen</c> means for a campaign. A limit once exceeded stays exceeded, whatever answers still come in and whoever leads: the status
/// remembers it until a person raises <c>spec.resume</c>, and from then on cars are counted anew.
/// </summary>
internal static class LimitPlan
{
    /// <summary>Null where nothing is to be remembered.</summary>
    public static LimitsStatus? Stand(CampaignObservation seen)
    {
        LimitsStatus? before = seen.StatusIsCurrent ? seen.Status.Limits : null;
        if (seen is not { RecordedLedger: not null, OwnsLedger: true, Ledger.Frozen: true } || before?.Exceeded is { Action: LimitAction.Abort })
        {
            return before;
        }
        if (RetryPlan.IsCounting(seen))
        {
            return before; // Some of those that failed are open again, and others not yet.
        }
        LimitTally tally = Tally(seen.Ledger!.Counts);
        ExceededLimit? standing = before?.Exceeded;
        LimitTally? from = before?.JudgedFrom;
        IReadOnlyList<LimitWindow>? windows = before?.Windows;
        if (standing is not null && seen.Spec.Resume > standing.Resume)
        {
            (standing, from, windows) = (null, tally, null);
        }
        if (RetryPlan.IsNew(seen))
        {
            (from, windows) = (tally, null);
        }
        windows = LimitHistory.Remember(windows, seen.Spec.Rollout.AbortWhen, tally, seen.Clock);
        ExceededLimit? exceeded = Judge(seen, limit => Since(tally, LimitHistory.Before(windows, limit, seen.Clock) ?? from), stricterThanAPause: standing is not null) ?? standing;
        return exceeded is null && from is null && windows is null ? null : new LimitsStatus { Exceeded = exceeded, JudgedFrom = from, Windows = windows };
    }

    public static Hold? Hold(CampaignObservation seen) => Stand(seen)?.Exceeded is { Action: LimitAction.Pause } exceeded
        ? new Hold(CampaignPhase.Paused, Reasons.LimitExceeded, $"{Words(exceeded)}: set spec.resume to {exceeded.Resume + 1} to go on all the same, or raise spec.revision with a better patch")
        : null;

    public static bool Aborts(CampaignObservation seen) => Stand(seen)?.Exceeded is { Action: LimitAction.Abort };

    /// <summary>Criterion and what was seen, in a sentence.</summary>
    public static string Words(ExceededLimit exceeded)
    {
        string what = exceeded.Failure switch
        {
            LimitFailure.Failed => "failed",
            LimitFailure.Rejected => "were rejected by the car",
            LimitFailure.NoAck => "were never acknowledged",
            _ => "failed, were rejected or never acknowledged",
        };
        string when = exceeded.WindowSeconds is { } seconds ? $" in the last {seconds} s" : "";
        return $"{exceeded.Cars} of {exceeded.Attempted} deliveries with an outcome{when} {what} ({100m * exceeded.Cars / exceeded.Attempted:0.#} %), more than the {exceeded.Percent} % of spec.rollout.abortWhen";
    }

    /// <summary>Cars with an outcome. What is open has none yet, so cars that are away neither trip a limit nor hide one.</summary>
    internal static LimitTally Tally(LedgerCounts counts) => new()
    {
        Attempted = counts.Delivered + counts.Failed + counts.Rejected,
        Failed = counts.Failed - counts.NoAck + counts.FailedLater,
        Rejected = counts.Rejected,
        NoAck = counts.NoAck,
    };

    private static ExceededLimit? Judge(CampaignObservation seen, Func<AbortLimit, LimitTally> outcomes, bool stricterThanAPause)
    {
        AbortLimit? limit = (seen.Spec.Rollout.AbortWhen ?? [])
            .OrderByDescending(limit => limit.Action)
            .FirstOrDefault(limit => IsExceeded(limit, outcomes(limit)) && !(stricterThanAPause && limit.Action == LimitAction.Pause));
        return limit is null ? null : new ExceededLimit
        {
            Failure = limit.Failure,
            Percent = limit.Percent,
            WindowSeconds = limit.WindowSeconds,
            Action = limit.Action,
            Cars = CarsOf(limit.Failure, outcomes(limit)),
            Attempted = outcomes(limit).Attempted,
            At = RunningPlan.WholeSeconds(seen.Now),
            Resume = seen.Spec.Resume,
        };
    }

    private static bool IsExceeded(AbortLimit limit, LimitTally tally) =>
        tally.Attempted >= limit.MinSamples && CarsOf(limit.Failure, tally) * 100 > limit.Percent * tally.Attempted;

    private static long CarsOf(LimitFailure failure, LimitTally tally) => failure switch
    {
        LimitFailure.Failed => tally.Failed,
        LimitFailure.Rejected => tally.Rejected,
        LimitFailure.NoAck => tally.NoAck,
        _ => tally.Failed + tally.Rejected + tally.NoAck,
    };

    // A late answer takes a car out of the silent ones: fewer than before is none.
    private static LimitTally Since(LimitTally now, LimitTally? from) => from is null ? now : new LimitTally
    {
        Attempted = Math.Max(0, now.Attempted - from.Attempted),
        Failed = Math.Max(0, now.Failed - from.Failed),
        Rejected = Math.Max(0, now.Rejected - from.Rejected),
        NoAck = Math.Max(0, now.NoAck - from.NoAck),
    };
}
