using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Writes a campaign's status: at most once a second, not when it is equal, and with the events of the transition.</summary>
internal sealed class StatusWriter(IKubernetesClient kubernetes, KubernetesJson json, IEventPublisher events, TimeProvider time)
{
    public const string FieldManager = "push-operator-status";

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
        if (Text(campaign.Status) == Text(next))
        {
            return null;
        }
        DateTimeOffset now = time.GetUtcNow();
        if (!mustBeRecorded && file.StatusWrittenAt is { } last && now - last < Spacing && now >= last)
        {
            return Spacing - (now - last);
        }
        var entity = new PushCampaign
        {
            Metadata = new V1ObjectMeta { Name = campaign.Name(), NamespaceProperty = campaign.Namespace(), Uid = campaign.Uid() },
            Spec = campaign.Spec,
            Status = next,
        };
        await kubernetes.ApplyStatusAsync(entity, FieldManager, cancellationToken: cancellationToken);
        file.StatusWrittenAt = now;
        foreach (CampaignEvent happened in CampaignEvents.Between(campaign.Status, next))
        {
            events.Publish(campaign, happened.Reason, happened.Message, happened.Type);
        }
        return null;
    }

    // Records with lists inside compare by reference; what the API server keeps is their JSON.
    private string Text(PushCampaignStatus status) =>
        JsonSerializer.Serialize(status, (JsonTypeInfo<PushCampaignStatus>)json.Options.GetTypeInfo(typeof(PushCampaignStatus)));
}
