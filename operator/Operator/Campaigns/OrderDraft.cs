using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Windows;
using DeliveryRules = PushPlatform.Delivery.Orders.DeliveryRules;

namespace PushPlatform.Operator.Campaigns;

/// <summary>A campaign in the words of the nodes.</summary>
internal static class OrderDraft
{
    /// <summary>What the spec asks for, at a given gate; ledger and newcomers are the caller's.</summary>
    public static Order Of(CampaignObservation seen, Gate gate) => Of(seen, gate, seen.OwnsLedger ? seen.Ledger!.Retry : 0);

    private static Order Of(CampaignObservation seen, Gate gate, int retry)
    {
        PushCampaign campaign = seen.Campaign;
        string? trace = CampaignTrace.Of(seen);
        PushCampaignSpec spec = campaign.Spec;
        string id = campaign.EffectiveCampaignId();
        return new Order
        {
            CampaignId = id,
            Revision = spec.Revision,
            OwnerUid = campaign.Uid(),
            Generation = campaign.Generation(),
            Gate = gate,
            Filter = Filter(spec.Targets),
            Listed = IsListed(spec.Targets),
            Delivery = new DeliveryRules
            {
                AckLevel = spec.Delivery.AckLevel == RequiredAck.Installed ? AckLevel.Installed : AckLevel.Received,
                AckTimeoutSeconds = spec.Delivery.AckTimeoutSeconds,
                MaxAttempts = spec.Delivery.MaxAttempts,
                InstallTimeoutSeconds = spec.Delivery.InstallTimeoutSeconds,
                MaxInFlight = spec.Pace.MaxInFlight,
                MinIntervalSeconds = spec.Delivery.PerVehicleMinIntervalSeconds,
                CatchUpPercent = spec.Pace.CatchUpPercent,
            },
            DryRun = spec.DryRun,
            QuietHours = QuietPlan.Hours(seen),
            Priority = spec.Priority,
            Notice = Notice.Build(
                new CampaignKey(CampaignObservation.PoolOf(campaign), id, spec.Revision), JsonSerializer.SerializeToElement(spec.Patch, ApiJsonContext.Default.Patch), trace, retry),
            Retry = retry,
            TraceParent = trace,
        };
    }

    public static bool IsListed(Targets targets) => targets.Vids is { Count: > 0 } || targets.VidsFrom is { Count: > 0 };

    /// <summary>The same for a node: what differs at most is when and from which generation it was written.</summary>
    public static bool Same(Order a, Order b) => Text(a) == Text(b);

    /// <summary>The spec has the same patch for the same vehicles as an order.</summary>
    public static bool IsContentOf(CampaignObservation seen, Order order) => Of(seen, order.Gate, order.Retry) is var draft
        && draft.Notice == order.Notice && draft.Listed == order.Listed && FilterText(draft.Filter) == FilterText(order.Filter);

    // Records with lists inside compare by reference; their JSON compares by content.
    private static string Text(Order order) =>
        JsonSerializer.Serialize(order with { Seq = 0, Generation = 0 }, OrderJsonContext.Default.Order);

    private static string FilterText(TargetFilter filter) => JsonSerializer.Serialize(filter, OrderJsonContext.Default.TargetFilter);

    internal static TargetFilter Filter(Targets targets) => new()
    {
        SeenWithinSeconds = targets.SeenWithinSeconds,
        ExcludeVids = targets.ExcludeVids ?? [],
        Selector = targets.Selector is { } selector ? Selector(selector) : null,
        Geo = targets.Geo is { } geo ? Geo(geo) : null,
    };

    private static LabelSelector Selector(TargetSelector selector) => new()
    {
        MatchLabels = selector.MatchLabels ?? new Dictionary<string, string>(),
        MatchExpressions = [.. (selector.MatchExpressions ?? []).Select(line => new LabelRequirement(line.Key, Operator(line.Operator), line.Values ?? []))],
    };

    private static LabelOperator Operator(RequirementOperator op) => op switch
    {
        RequirementOperator.In => LabelOperator.In,
        RequirementOperator.NotIn => LabelOperator.NotIn,
        RequirementOperator.Exists => LabelOperator.Exists,
        _ => LabelOperator.DoesNotExist,
    };

    private static GeoFilter Geo(TargetGeo geo) => new()
    {
        Include = [.. (geo.Include ?? []).Select(Area)],
        Exclude = [.. (geo.Exclude ?? []).Select(Area)],
        UnknownPosition = geo.UnknownPosition == UnknownPositionRule.Include ? UnknownPosition.Include : UnknownPosition.Exclude,
        MaxPositionAgeSeconds = geo.MaxPositionAgeSeconds,
    };

    private static GeoArea Area(AreaShape shape) => new()
    {
        Circle = shape.Circle is { } circle ? new GeoCircle(circle.Lat, circle.Lon, circle.RadiusMeters) : null,
        Box = shape.Box is { } box ? new GeoBox(box.South, box.West, box.North, box.East) : null,
        Polygon = shape.Polygon?.Select(point => new GeoPoint(point.Lat, point.Lon)).ToList(),
    };
}
