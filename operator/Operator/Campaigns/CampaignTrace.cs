using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Which trace a campaign's revision belongs to: from the apply to the last ack it is one.</summary>
/// <remarks>
/// Nothing has to be kept for it: it stands in the order, and where no order stands yet, or any more, it follows from the resource. Nobody exports the span that it
/// names as parent; that is the campaign itself, which lives for days and in no process.
/// </remarks>
internal static class CampaignTrace
{
    public const string SourceName = "PushPlatform.Operator";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whoever applies the resource (a pipeline, say) continues a trace by it: a W3C <c>traceparent</c>. Read when a revision is first planned.</summary>
    public const string Annotation = "pushplatform.io/traceparent";

    /// <summary>The trace of the revision at hand; null for a revision whose order an older version wrote.</summary>
    public static string? Of(CampaignObservation seen) => seen.OwnsOrder && seen.Order!.Revision == seen.Revision
        ? seen.Order.TraceParent
        : Given(seen.Campaign) ?? Derived(seen.Uid, seen.Key);

    /// <summary>A span about one step of a campaign, in the campaign's trace and with a link to the run of the controller; null while nobody listens, and where nothing is done.</summary>
    public static Activity? Begin(CampaignObservation seen, CampaignStep step)
    {
        if (step is CampaignStep.None || !Source.HasListeners())
        {
            return null;
        }
        ActivityContext campaign = TraceParent.TryParse(Of(seen), out ActivityContext parsed) ? parsed : default;
        ActivityLink[] links = Activity.Current is { } run ? [new ActivityLink(run.Context)] : [];
        return Source.StartActivity($"campaign {step.GetType().Name}", ActivityKind.Internal, campaign, links: links)?
            .SetTag("push.campaign", seen.Key.CampaignId)
            .SetTag("push.revision", seen.Revision)
            .SetTag("push.gate", (step as CampaignStep.Align)?.Order?.Gate.ToString());
    }

    private static string? Given(PushCampaign campaign) =>
        campaign.Metadata.Annotations?.GetValueOrDefault(Annotation) is { } given && TraceParent.TryParse(given, out _) ? given : null;

    private static string Derived(string uid, CampaignKey campaign)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{uid} {campaign}"));
        var trace = ActivityTraceId.CreateFromBytes(hash.AsSpan(0, 16));
        var span = ActivitySpanId.CreateFromBytes(hash.AsSpan(16, 8));
        // Sampled: a campaign is rare, and its spans are per batch. OTEL_TRACES_SAMPLER may still say otherwise.
        return $"00-{trace}-{span}-01";
    }
}
