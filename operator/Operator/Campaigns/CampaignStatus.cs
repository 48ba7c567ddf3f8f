using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Gates;
using PushPlatform.Operator.Campaigns.Steps;
using PushPlatform.Operator.Campaigns.Windows;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Where a campaign stands, in a user's words: observation + standing → status. Pure.</summary>
internal static class CampaignStatus
{
    public const string Pushed = nameof(Pushed);
    public const string Complete = nameof(Complete);
    public const string Succeeded = nameof(Succeeded);
    public const string Suspended = nameof(Suspended);
    public const string Paused = nameof(Paused);

    private const int MaxMessage = 1024;
    private const string NotKnownYet = "Nothing has been looked at yet";

    public static PushCampaignStatus Of(CampaignObservation seen, CampaignStanding standing)
    {
        PushCampaignStatus? before = seen.StatusIsCurrent ? seen.Status : null;
        LedgerCounts? counts = standing.End?.Counts ?? (seen.OwnsLedger && seen.Ledger!.Whole ? seen.Ledger.Counts : null);
        LedgerStatus? ledger = standing.Ledger ?? before?.Ledger;
        CampaignCounts? shown = counts is null || (ledger is null && standing.End is null) ? before?.Counts : Counts(counts, GaveWay(seen, standing), seen.IsDryRun);
        LimitsStatus? limits = standing.Limits ?? before?.Limits;
        int? quiet = QuietPlan.Waiting(seen);
        return new PushCampaignStatus
        {
            ObservedGeneration = seen.Campaign.Generation(),
            Revision = seen.Revision,
            DryRun = seen.IsDryRun ? true : null,
            Phase = standing.Phase,
            Outcome = standing.End is null ? null : OutcomeRule.Of(standing.End),
            Message = Cut(Said(seen, CampaignWords.Of(standing, shown, standing.Preview ?? before?.Preview) + QuietPlan.Words(quiet))),
            Preview = standing.Preview ?? before?.Preview,
            TooFewOnlineSince = OnlineGate.Remember(seen, standing),
            Counts = shown,
            PercentDelivered = Percent(shown) ?? before?.PercentDelivered,
            Pool = before?.Pool ?? seen.Spec.PoolRef.Name,
            CampaignId = seen.Campaign.EffectiveCampaignId(),
            SpecHash = seen.SpecHash.Length > 0 ? seen.SpecHash : before?.SpecHash,
            Approvals = seen.SpecHash.Length == 0 ? before?.Approvals : seen.Approvals.Count > 0 ? seen.Approvals : null,
            StartsAt = standing.StartsAt ?? before?.StartsAt,
            ExpiresAt = standing.ExpiresAt ?? before?.ExpiresAt,
            NextWindow = standing.NextWindow,
            InQuietHours = quiet,
            StartedAt = before?.StartedAt ?? standing.End?.StartedAt ?? StartedAt(seen, ledger),
            CompletedAt = standing.End?.EndedAt,
            AcceptedAt = Acceptance.Of(seen, standing),
            SupersededBy = before?.SupersededBy ?? (standing.End is { Reason: Reasons.Superseded } over ? over.InFavourOf : null),
            Ledger = ledger,
            Limits = limits,
            Retry = standing.Retry ?? before?.Retry,
            CurrentStep = standing.Steps is { } now ? now.Current : before?.CurrentStep,
            Steps = standing.Steps?.Steps ?? (standing.End is { } last ? StepProgress.Ended(before?.Steps, last) : before?.Steps),
            AbortReason = standing.End is { Outcome: CampaignOutcome.Aborted } end ? end.Reason : null,
            Conditions = Conditions(seen, standing, shown),
        };
    }

    /// <summary>The same status, as far as a dependency that is away lets one know.</summary>
    public static PushCampaignStatus Unreachable(PushCampaign campaign, string reason, string message, DateTimeOffset now)
    {
        var conditions = new ConditionList(campaign.Status.Conditions, campaign.Generation(), now);
        conditions.Keep(Pushed, Complete, Succeeded, ConditionTypes.Reconciling, ConditionTypes.Stalled, Suspended, Paused);
        conditions.Set(ConditionTypes.Ready, false, reason, Cut(message));
        conditions.SetUnknown(Pushed, Reasons.NotSeenYet, NotKnownYet);
        conditions.SetUnknown(Complete, Reasons.NotSeenYet, NotKnownYet);
        conditions.SetUnknown(Succeeded, Reasons.NotSeenYet, NotKnownYet);
        return campaign.Status with
        {
            ObservedGeneration = campaign.Status.ObservedGeneration ?? campaign.Generation(),
            Phase = campaign.Status.Phase ?? CampaignPhase.Pending,
            Conditions = conditions.Build(),
        };
    }

    public static bool IsPushed(PushCampaignStatus status) => status.Conditions?.Any(c => c is { Type: Pushed, Status: "True" }) == true;

    public static bool IsStalled(PushCampaignStatus status, string reason) =>
        status.Conditions?.Any(c => c is { Type: ConditionTypes.Stalled, Status: "True" } && c.Reason == reason) == true;

    private static IReadOnlyList<V1Condition> Conditions(CampaignObservation seen, CampaignStanding standing, CampaignCounts? counts)
    {
        var conditions = new ConditionList(seen.Status.Conditions, seen.Campaign.Generation(), seen.Now);
        SetReady(conditions, seen, standing);
        SetPushed(conditions, standing);
        SetEnd(conditions, seen, standing, counts);
        if (standing.Work is { } work && standing.Obstacle is not { NeedsPerson: true })
        {
            conditions.Set(ConditionTypes.Reconciling, true, work, Cut(standing.Progress ?? CampaignWords.OfWork(work)));
        }
        if (standing.Obstacle is { NeedsPerson: true } obstacle)
        {
            conditions.Set(ConditionTypes.Stalled, true, obstacle.Reason, Cut(obstacle.Message));
        }
        if (standing.End is null && HoldPlan.WhileRunning(seen) is { Phase: CampaignPhase.Suspended } suspended)
        {
            conditions.Set(Suspended, true, suspended.Reason, suspended.Message);
        }
        if (standing.Hold is { } hold && IsBySystem(hold))
        {
            conditions.Set(Paused, true, hold.Reason, Cut(hold.Message));
        }
        return conditions.Build();
    }

    /// <summary>A person's own hold and a start that was set for later are told apart from what the platform holds.</summary>
    private static bool IsBySystem(Hold hold) => hold.Phase is not (CampaignPhase.Suspended or CampaignPhase.Scheduled);

    private static void SetReady(ConditionList conditions, CampaignObservation seen, CampaignStanding standing)
    {
        if (standing.Obstacle is { } obstacle)
        {
            conditions.Set(ConditionTypes.Ready, false, obstacle.Reason, Cut(obstacle.Message));
        }
        else if (seen.BusFault is { } fault && standing.End is null)
        {
            conditions.Set(ConditionTypes.Ready, false, Reasons.BusUnavailable, Cut($"{fault}; nodes notice changes within 2 s all the same"));
        }
        else
        {
            conditions.Set(ConditionTypes.Ready, true, Reasons.Accepted, "The spec is valid and all it needs is there");
        }
    }

    private static void SetPushed(ConditionList conditions, CampaignStanding standing)
    {
        (bool status, string reason, string message) = standing switch
        {
            { Pushed: true } => (true, Reasons.OnlineSettled, "Every target that was online has settled"),
            { End: { } end } => (false, OutcomeRule.Reason(end), "It ended before every target that was online had settled"),
            { Started: true } => (false, Reasons.Pushing, "Targets that are online are being told"),
            _ => (false, Reasons.NotStarted, "Nothing has been sent"),
        };
        conditions.Set(Pushed, status, reason, message);
    }

    private static void SetEnd(ConditionList conditions, CampaignObservation seen, CampaignStanding standing, CampaignCounts? counts)
    {
        if (standing.End is not { } end)
        {
            string reason = standing.Started ? Reasons.InProgress : Reasons.NotStarted;
            conditions.Set(Complete, false, reason, standing.Started ? "Targets are open" : "Nothing has been sent");
            conditions.SetUnknown(Succeeded, reason, "Decided when it is complete");
            return;
        }
        string how = OutcomeRule.Reason(end);
        string message = Said(seen, CampaignWords.OfEnd(end, counts, standing.Limits));
        conditions.Set(Complete, true, how, message);
        conditions.Set(Succeeded, how is Reasons.Succeeded or Reasons.NoTargets, how, message);
    }

    /// <summary>Whatever is said of a dry run begins with it: nobody takes its numbers for those of cars that were told.</summary>
    private static string Said(CampaignObservation seen, string message) => seen.IsDryRun ? $"Dry run: {message}" : message;

    private static DateTimeOffset? StartedAt(CampaignObservation seen, LedgerStatus? recorded) =>
        recorded is not null && seen.OwnsLedger ? RunningPlan.WholeSeconds(Microseconds.ToTime(seen.Ledger!.StartedAt)) : null;

    private static int? Percent(CampaignCounts? counts) => counts switch
    {
        null => null,
        { Targeted: 0 } => 0,
        _ => (int)(counts.Delivered * 100 / counts.Targeted),
    };

    private static bool GaveWay(CampaignObservation seen, CampaignStanding standing) =>
        standing.End is { } end ? end.InFavourOf is not null : seen is { StatusIsCurrent: true, Status.SupersededBy: not null };

    // To the ledger, what is open at the end has expired; whose end it was knows the campaign alone.
    private static CampaignCounts Counts(LedgerCounts counts, bool gaveWay, bool isDryRun) => new()
    {
        Targeted = counts.Targeted,
        Pending = counts.Pending,
        InFlight = counts.InFlight,
        Delivered = counts.Delivered,
        Failed = counts.Failed,
        Rejected = counts.Rejected,
        Expired = gaveWay ? 0 : counts.Expired,
        Superseded = gaveWay ? counts.Expired : 0,
        Suppressed = counts.Suppressed,
        Rehearsed = isDryRun ? counts.Rehearsed : null,
        Resends = counts.Resends,
        CaughtUp = counts.CaughtUp,
        Cancelling = OrAbsent(counts.Cancelling, counts),
        Cancelled = OrAbsent(counts.Cancelled, counts),
    };

    private static long? OrAbsent(long count, LedgerCounts counts) => counts.Cancelling + counts.Cancelled > 0 ? count : null;

    private static string Cut(string message) => message.Length <= MaxMessage ? message : string.Concat(message.AsSpan(0, MaxMessage - 1), "…");
}
