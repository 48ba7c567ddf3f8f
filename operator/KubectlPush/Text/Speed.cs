using PushPlatform.KubectlPush.Resources;

namespace PushPlatform.KubectlPush.Text;

/// <summary>How fast a campaign gets on, from looks at it. Looks older than half a minute do not count, but for the first when there is no other.</summary>
internal sealed class Speed
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly Queue<(DateTimeOffset At, long Settled)> _looks = new();

    private int _revision;

    /// <summary>Notes a look; answers with cars settled a second, null while that is not known.</summary>
    public double? Note(CampaignView campaign, DateTimeOffset now)
    {
        if (campaign.Status.Counts is not { } counts)
        {
            return null;
        }
        if (_revision != campaign.Status.Revision)
        {
            _looks.Clear();
            _revision = campaign.Status.Revision ?? 0;
        }
        (DateTimeOffset At, long Settled) latest = (now, Settled(counts));
        while (_looks.TryPeek(out var oldest) && now - oldest.At > Window)
        {
            _looks.Dequeue();
        }
        (DateTimeOffset At, long Settled)? first = _looks.TryPeek(out var look) ? look : campaign.Status.StartedAt is { } started ? (started, 0) : null;
        _looks.Enqueue(latest);
        DateTimeOffset end = campaign.Status.CompletedAt ?? now;
        return first is { } from && end - from.At >= TimeSpan.FromSeconds(1) ? Math.Max(0, latest.Settled - from.Settled) / (end - from.At).TotalSeconds : null;
    }

    /// <summary>When it would be through at this rate; null where that says nothing.</summary>
    public static TimeSpan? Remaining(CampaignView campaign, double? perSecond) =>
        campaign.Status is { Phase: "Pushing", Counts: { Open: > 0 } counts } && perSecond is > 0.01 ? TimeSpan.FromSeconds(Math.Min(counts.Open / perSecond.Value, TimeSpan.FromDays(365).TotalSeconds)) : null;

    private static long Settled(CountsView counts) => counts.Delivered + counts.Failed + counts.Rejected + (counts.Rehearsed ?? 0);
}
