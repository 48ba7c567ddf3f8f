using PushPlatform.Kubernetes.Events;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Writes a campaign's status: at most once a second, not when it is equal, and with the events of the transition.</summary>
internal sealed class StatusWriter(StatusUpdate statuses, IEventPublisher events, TimeProvider time)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    /// <param name="campaign">As read in this pass.</param>
    /// <param name="next">The status that it should have.</param>
    /// <param name="file">Remembers when it was last written.</param>
    /// <param name="mustBeRecorded">Something waits for this write: it does not wait for its second.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When the status may be written, if it is owed; null when it is as it should be.</returns>
    public async Task<TimeSpan?> WriteAsync(
        PushCampaign campaign, PushCampaignStatus next, CampaignFile file, bool mustBeRecorded, CancellationToken cancellationToken)
    {
        if (statuses.AreEqual(campaign.Status, next))
        {
            return null;
        }
        DateTimeOffset now = time.GetUtcNow();
        if (!mustBeRecorded && file.StatusWrittenAt is { } last && now - last < Spacing && now >= last)
        {
            return Spacing - (now - last);
        }
        if (!await statuses.TryUpdateAsync<PushCampaign, PushCampaignSpec, PushCampaignStatus>(campaign, next, cancellationToken))
        {
            return TimeSpan.Zero;
        }
        file.StatusWrittenAt = now;
        foreach (CampaignEvent happened in CampaignEvents.Between(campaign.Status, next))
        {
            events.Publish(campaign, happened.Reason, happened.Message, happened.Type);
        }
        return null;
    }
}
