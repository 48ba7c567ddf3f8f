using System.Diagnostics;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>What carrying out an order adds to its trace: a span a batch, never one a vehicle, and nothing at all while nobody listens. A vid stands in none of them.</summary>
internal static class OrderTracing
{
    public const string SourceName = "PushPlatform.PushNode";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Claims and sends of one batch.</summary>
    public static Activity? Send(ActiveOrder order, ClaimBatch batch) =>
        Source.StartActivity("push send", ActivityKind.Producer, order.Trace) is { } span
            ? About(span, order, batch.Shard).SetTag("push.claims", batch.Deliveries.Count)
            : null;

    /// <summary>Writes a batch of acknowledgements into the ledger.</summary>
    public static Activity? Ack(ActiveOrder order, int shard, int acks) =>
        Source.StartActivity("push ack", ActivityKind.Consumer, order.Trace) is { } span
            ? About(span, order, shard).SetTag("push.acks", acks)
            : null;

    /// <summary>A walk of one shard of the registry that has just ended, for a preview or a freeze. Written afterwards: one walk serves several orders.</summary>
    public static void Walked(ActiveOrder order, int shard, DateTimeOffset began, long matched)
    {
        string name = order.Order.Gate == Gate.Freeze ? "push freeze" : "push preview";
        using Activity? span = Source.StartActivity(name, ActivityKind.Internal, order.Trace, startTime: began);
        if (span is not null)
        {
            About(span, order, shard).SetTag("push.matched", matched);
        }
    }

    public static void Sent(this Activity? span, int sent) => span?.SetTag("push.sent", sent);

    public static void Failed(this Activity? span, string why) => span?.SetStatus(ActivityStatusCode.Error, why);

    public static void Ended(this Activity? span, LedgerReply reply)
    {
        if (reply != LedgerReply.Ok)
        {
            span.Failed(reply.ToString());
        }
    }

    private static Activity About(Activity span, ActiveOrder order, int shard) => span
        .SetTag("push.campaign", order.Order.CampaignId)
        .SetTag("push.revision", order.Order.Revision)
        .SetTag("push.shard", shard);
}
