using PushPlatform.KubectlPush.Resources;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.KubectlPush.Text;

/// <summary>A campaign's status for a person. Pure.</summary>
internal static class CampaignText
{
    private const int BarWidth = 40;

    /// <summary>One line a campaign.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<CampaignView> campaigns, bool withNamespace, DateTimeOffset now)
    {
        List<IReadOnlyList<string>> rows = [Row("NAMESPACE", "NAME", "PHASE", "ONLINE", "TARGETED", "DELIVERED", "FAILED", "PERCENT", "AGE")];
        rows.AddRange(campaigns.Select(campaign => Row(
            campaign.Metadata.NamespaceProperty ?? "",
            campaign.Metadata.Name ?? "",
            campaign.Status.Phase ?? "",
            Text(campaign.Status.Preview?.Online),
            Text(campaign.Status.Counts?.Targeted),
            Text(campaign.Status.Counts?.Delivered),
            Text(campaign.Status.Counts?.Failed),
            Text(campaign.Status.PercentDelivered),
            campaign.Metadata.CreationTimestamp is { } created ? Numbers.Age(now - created) : "")));
        return TextTable.Lines(rows);

        IReadOnlyList<string> Row(params string[] cells) => withNamespace ? cells : cells[1..];
        static string Text(long? number) => number?.ToString() ?? "";
    }

    /// <param name="campaign">The campaign.</param>
    /// <param name="perSecond">Cars settled a second, as <see cref="Speed"/> has seen it.</param>
    /// <param name="failures">Lines about failures; none where there are none.</param>
    /// <param name="now">The time of the look.</param>
    public static IEnumerable<string> Details(CampaignView campaign, double? perSecond, IEnumerable<string> failures, DateTimeOffset now) =>
    [
        .. Head(campaign, now),
        .. Amounts(campaign, perSecond),
        .. Steps(campaign.Status.Steps ?? []),
        .. failures,
        .. Conditions(campaign.Status.Conditions ?? [], now),
    ];

    private static IEnumerable<string> Head(CampaignView campaign, DateTimeOffset now)
    {
        CampaignStatusView status = campaign.Status;
        yield return $"{campaign.Metadata.NamespaceProperty}/{campaign.Metadata.Name}, revision {status.Revision ?? campaign.Spec.Revision}, pool {status.Pool ?? campaign.Spec.PoolRef.Name}";
        yield return Line("patch", $"{campaign.Spec.Patch.Id} {campaign.Spec.Patch.Version}{(campaign.Spec.Patch.Severity is { } severity ? $" ({severity})" : "")}");
        yield return Line("phase", status.Phase is null ? "the operator has not looked at it yet" : status.Standing);
        if (!campaign.IsAnswered && status.Phase is not null)
        {
            yield return Line("", "(the operator has not seen the last change of the spec yet)");
        }
        if (status.Outcome is { } outcome)
        {
            yield return Line("outcome", outcome);
        }
        if (status.AbortReason is { } abort)
        {
            yield return Line("aborted", abort);
        }
        if (status.SupersededBy is { } newer)
        {
            yield return Line("place", $"taken by campaign {newer}");
        }
        if (status is { Preview: { } preview, StartedAt: null })
        {
            yield return Line("preview", $"{preview.Matched} match, {preview.Online} online, {preview.Offline} offline");
        }
        if (Times(status, now) is { Length: > 0 } times)
        {
            yield return Line("times", times);
        }
        if (status.NextWindow is { } window && status.CompletedAt is null)
        {
            yield return Line("window", window.From is { } from ? $"opens {Numbers.Time(from)}" : window.To is { } to ? $"open until {Numbers.Time(to)}" : "open");
        }
    }

    private static string Times(CampaignStatusView status, DateTimeOffset now) => string.Join(", ", new[]
    {
        status is { StartedAt: null, StartsAt: { } starts } && starts > now ? $"starts {Numbers.Time(starts)}" : null,
        status.StartedAt is { } started ? $"started {Numbers.Time(started)}" : null,
        status.CompletedAt is { } completed ? $"ended {Numbers.Time(completed)}{(status.StartedAt is { } began ? $" after {Numbers.Age(completed - began)}" : "")}" : null,
        status is { CompletedAt: null, ExpiresAt: { } expires } ? $"expires {Numbers.Time(expires)}" : null,
    }.OfType<string>());

    private static IEnumerable<string> Amounts(CampaignView campaign, double? perSecond)
    {
        if (campaign.Status.Counts is not { } counts)
        {
            yield break;
        }
        yield return counts.Rehearsed is { } rehearsed
            ? Line("dry run", $"{Bar(counts)} {rehearsed} of {Numbers.Vehicles(counts.Targeted)} would have been told, nothing is sent")
            : Line("progress", $"{Bar(counts)} {campaign.Status.PercentDelivered ?? 0}% of {Numbers.Vehicles(counts.Targeted)}");
        yield return Line("open", $"{counts.Pending} pending, {counts.InFlight} in flight");
        yield return Line("settled", string.Join(", ", new[] { (counts.Delivered, "delivered"), (counts.Failed, "failed"), (counts.Rejected, "rejected"), (counts.Expired, "expired"), (counts.Superseded, "superseded"), (counts.Suppressed, "suppressed") }
            .Where(part => part is { Item1: > 0 } or { Item2: "delivered" or "failed" }).Select(part => $"{part.Item1} {part.Item2}")));
        if (counts.Resends > 0 || counts.CaughtUp > 0)
        {
            yield return Line("", $"{counts.Resends} sends were repeats, {counts.CaughtUp} deliveries to cars that were away at the start");
        }
        if (counts.Cancelling > 0 || counts.Cancelled > 0)
        {
            yield return Line("cancelled", $"{counts.Cancelled ?? 0} have forgotten it, {counts.Cancelling ?? 0} have not answered");
        }
        if (campaign.Status.Retry is { Round: > 0 } retry)
        {
            yield return Line("retry", $"round {retry.Round}: {Numbers.Vehicles(retry.Retried)} tried again{(retry.SettledAt is { } settled ? $", settled {Numbers.Time(settled)}" : "")}");
        }
        if (perSecond is { } rate)
        {
            string bound = campaign.Spec.Pace.MaxPerSecond is { } most ? $" of at most {most}/s" : "";
            string mean = campaign.Status.CompletedAt is null ? "" : " on average";
            string left = Speed.Remaining(campaign, rate) is { } remaining ? $", {Numbers.Age(remaining)} left at this rate for those that are online" : "";
            yield return Line("rate", $"{rate:0.#}/s{mean}{bound}{left}");
        }
    }

    private static string Bar(CountsView counts)
    {
        if (counts.Targeted == 0)
        {
            return new string('.', BarWidth);
        }
        int delivered = (int)(BarWidth * (counts.Rehearsed ?? counts.Delivered) / counts.Targeted);
        int settled = (int)(BarWidth * (counts.Targeted - counts.Open) / counts.Targeted);
        return $"{new string('#', delivered)}{new string('!', Math.Max(0, settled - delivered))}".PadRight(BarWidth, '.');
    }

    private static IEnumerable<string> Steps(IReadOnlyList<StepView> steps)
    {
        if (steps.Count == 0)
        {
            return [];
        }
        List<IReadOnlyList<string>> rows = [["STEP", "STATE", "SIZE", "TOLD", "DELIVERED", "FAILED", "STARTED"]];
        rows.AddRange(steps.Select((step, index) => (IReadOnlyList<string>)
        [
            // What comes after the last step is the operator's own.
            index == steps.Count - 1 ? "rest" : $"{index + 1}", step.State ?? "", step.Size?.ToString() ?? "", $"{step.Attempted}", $"{step.Delivered}", $"{step.Failed}", step.StartedAt is { } at ? Numbers.Time(at) : "",
        ]));
        return ["", .. TextTable.Lines(rows)];
    }

    private static IEnumerable<string> Conditions(IReadOnlyList<V1Condition> conditions, DateTimeOffset now)
    {
        if (conditions.Count == 0)
        {
            return [];
        }
        List<IReadOnlyList<string>> rows = [["CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE"]];
        rows.AddRange(conditions.Select(condition => (IReadOnlyList<string>)[condition.Type, condition.Status, condition.Reason, Numbers.Age(now - condition.LastTransitionTime), condition.Message]));
        return ["", .. TextTable.Lines(rows)];
    }

    private static string Line(string label, string text) => $"{label,-10}{text}";
}
