using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.PushNode.Orders;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

internal static class SampleOrders
{
    public const long Start = 1000;

    public static PoolName Pool { get; } = new("fleet", "default");

    public static Order Open(string campaign = "hotfix") => new()
    {
        CampaignId = campaign,
        Revision = 1,
        OwnerUid = "uid",
        Generation = 1,
        LedgerId = "ledger",
        Gate = Gate.Open,
        Filter = new TargetFilter(),
        StartedAt = Start,
        Delivery = new DeliveryRules(),
        Notice = $$"""{"type":"push","delivery":"{{campaign}}#1"}""",
    };

    public static GeoFilter Town { get; } = new() { Include = [new GeoArea { Box = new GeoBox(South: 48, West: 9, North: 49, East: 10) }] };

    public static ActiveOrder Active(this Order order, ActiveOrder? before = null) => ActiveOrder.From(Pool, order, before);
}
