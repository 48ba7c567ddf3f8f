using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Retries;

namespace PushPlatform.Operator.Campaigns.Steps;

/// <summary>
/// When a rollout goes on to its next step. A step is over when its cars that can be told have been, were looked at for long enough, and enough of those that
/// answered have delivered: cars that are away take no part in that. It never goes back, whatever becomes of the spec: an open step keeps its size.
/// </summary>
internal static class StepPlan
{
    /// <param name="seen">With a ledger of its own.</param>
    /// <param name="nobodyLeft">No car that is online waits to be told.</param>
    /// <returns>Null: this revision has no steps.</returns>
    public static StepProgress? Next(CampaignObservation seen, bool nobodyLeft)
    {
        IReadOnlyList<RolloutStep> rules = seen.Spec.Rollout.Steps ?? [];
        List<StepStatus> opened = [.. StepQuota.Opened(seen)];
        if (!StepQuota.HasQuotas(seen.Ledger!) || (rules.Count == 0 && opened.Count == 0))
        {
            return null;
        }
        bool countable = !RetryPlan.IsCounting(seen);
        if (opened.Count > 0 && countable)
        {
            StepCount.Take(opened, seen.Ledger!);
            // Cars that are tried again have as long as those that were told at first.
            opened[^1] = RetryPlan.IsNew(seen) ? opened[^1] with { ToldAt = null } : opened[^1];
        }
        if (seen.Ledger!.Frozen && countable && HoldPlan.WhileRunning(seen) is null)
        {
            Advance(seen, rules, opened, nobodyLeft);
        }
        Hold? wait = opened.Count > 0 && RuleOf(rules, opened) is { } rule ? StepWords.Wait(seen, rule, opened, rules.Count) : null;
        return new StepProgress([.. opened, .. ToCome(rules, opened)], opened.Count == 0 ? null : opened.Count, wait);
    }

    /// <summary>A step took too long, and its rule says that the campaign is then to be stopped.</summary>
    public static bool HasFailed(CampaignObservation seen) => StepQuota.Opened(seen) is [.., { State: StepState.Failed }];

    /// <summary>When the cars of a step have been looked at for long enough: what was sent last gets its time to be answered, too.</summary>
    public static DateTimeOffset SoakEnd(CampaignObservation seen, RolloutStep rule, StepStatus step)
    {
        int answers = seen.Ledger!.Counts.InFlight > 0 ? seen.Spec.Delivery.AckTimeoutSeconds : 0;
        return step.ToldAt!.Value.AddSeconds(Math.Max(rule.PauseSeconds ?? 0, answers));
    }

    /// <summary>When a step has taken too long; null: never.</summary>
    public static DateTimeOffset? Overdue(RolloutStep rule, StepStatus step) => rule.MaxWaitSeconds is { } seconds ? step.StartedAt!.Value.AddSeconds(seconds) : null;

    private static void Advance(CampaignObservation seen, IReadOnlyList<RolloutStep> rules, List<StepStatus> opened, bool nobodyLeft)
    {
        if (opened.Count == 0)
        {
            Open(seen, rules, opened, skip: false);
            return;
        }
        if (opened[^1] is { Size: null } or { State: StepState.Failed })
        {
            return;
        }
        CampaignApproval? promotion = Promotion(seen, opened);
        opened[^1] = promotion is not null ? Finished(opened[^1], seen) with { PromotedBy = promotion.Name }
            : RuleOf(rules, opened) is { } rule ? Turn(seen, rule, opened, nobodyLeft)
            : Finished(opened[^1], seen);
        if (opened[^1].State == StepState.Done)
        {
            Open(seen, rules, opened, skip: promotion?.Verb is ApprovalVerb.PromoteAll);
        }
    }

    /// <summary>
    /// What a person said that takes the open step on, whatever it waits for: all steps at any time, one step since it opened, and only once, for whoever said it
    /// did not see the one after it.
    /// </summary>
    private static CampaignApproval? Promotion(CampaignObservation seen, List<StepStatus> opened) =>
        seen.Approvals.FirstOrDefault(said => said.Verb is ApprovalVerb.PromoteAll)
        ?? seen.Approvals.FirstOrDefault(said => said.Verb is ApprovalVerb.Promote && said.At >= opened[^1].StartedAt && !opened.Exists(step => step.PromotedBy == said.Name));

    private static StepStatus Turn(CampaignObservation seen, RolloutStep rule, List<StepStatus> opened, bool nobodyLeft)
    {
        StepStatus step = opened[^1];
        bool told = step.ToldAt is not null || IsTold(seen, opened, nobodyLeft);
        bool overdue = Overdue(rule, step) <= seen.Now;
        StepStatus turned = step with { ToldAt = told ? step.ToldAt ?? NextSecond(seen.Now) : null };
        bool mayGoOn = told && !rule.UntilPromoted && (!overdue || step.State == StepState.Soaking);
        if (mayGoOn && seen.Now >= SoakEnd(seen, rule, turned) && (seen.IsDryRun || IsSuccessful(rule, turned)))
        {
            return Finished(turned, seen);
        }
        return (overdue, rule.OnMaxWait) switch
        {
            (true, StepTimeout.Promote) => Finished(turned, seen),
            (true, StepTimeout.Abort) => Finished(turned, seen) with { State = StepState.Failed },
            (true, _) => turned with { State = StepState.AwaitingPromotion },
            _ => turned with { State = !told ? StepState.Pushing : rule.UntilPromoted ? StepState.AwaitingPromotion : StepState.Soaking },
        };
    }

    // One that told nobody proves nothing: it stays open for the first car that comes online, which holds up nobody who is.
    private static bool IsTold(CampaignObservation seen, List<StepStatus> opened, bool nobodyLeft) =>
        StepCount.Claimed(seen.Ledger!) >= StepQuota.Reach(opened) || (nobodyLeft && opened[^1].Attempted > 0);

    /// <summary>Judged over the cars that have answered.</summary>
    public static bool IsSuccessful(RolloutStep rule, StepStatus step)
    {
        long answered = step.Delivered + step.Failed;
        return answered >= Math.Min(rule.MinSamples, step.Size ?? 0) && step.Delivered * 100 >= rule.SuccessPercent * answered;
    }

    /// <summary>Opens the next step that lets more cars be told than may be now, or all that are left.</summary>
    /// <param name="skip">All that are left at once.</param>
    private static void Open(CampaignObservation seen, IReadOnlyList<RolloutStep> rules, List<StepStatus> opened, bool skip)
    {
        DateTimeOffset now = RunningPlan.WholeSeconds(seen.Now);
        // Where the status was lost, the quotas still tell how far it had come.
        long given = seen.Ledger!.Shards.Sum(shard => shard!.Quota!.Value);
        while (opened.Count < rules.Count)
        {
            long reach = Math.Min(Reach(rules[opened.Count], seen.Ledger.Counts.Targeted), seen.Spec.Targets.MaxRecipients ?? StepQuota.Everybody);
            long size = skip ? 0 : Math.Max(0, reach - StepQuota.Reach(opened));
            bool isPast = size == 0 || reach < given;
            opened.Add(new StepStatus { State = isPast ? StepState.Done : StepState.Pushing, Size = size, StartedAt = now, FinishedAt = isPast ? now : null });
            if (!isPast)
            {
                StepCount.Take(opened, seen.Ledger);
                return;
            }
        }
        opened.Add(new StepStatus { State = StepState.Pushing, StartedAt = now });
        StepCount.Take(opened, seen.Ledger);
    }

    private static long Reach(RolloutStep rule, long targeted) => rule.Count ?? (((rule.Percent ?? 0) * targeted) + 99) / 100;

    private static StepStatus Finished(StepStatus step, CampaignObservation seen) =>
        step with { State = StepState.Done, FinishedAt = RunningPlan.WholeSeconds(seen.Now) };

    // A soak is never shorter than it was asked for.
    private static DateTimeOffset NextSecond(DateTimeOffset time) => RunningPlan.WholeSeconds(time.AddTicks(TimeSpan.TicksPerSecond - 1));

    /// <summary>What the spec says of the step that is open; null for the rest, and where the spec has fewer steps by now.</summary>
    private static RolloutStep? RuleOf(IReadOnlyList<RolloutStep> rules, List<StepStatus> opened) =>
        opened[^1].Size is not null && opened.Count <= rules.Count ? rules[opened.Count - 1] : null;

    private static IEnumerable<StepStatus> ToCome(IReadOnlyList<RolloutStep> rules, List<StepStatus> opened) => opened is [.., { Size: null }]
        ? []
        : Enumerable.Repeat(new StepStatus { State = StepState.Pending }, Math.Max(0, rules.Count - opened.Count) + 1);
}
