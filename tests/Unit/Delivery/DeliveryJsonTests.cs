using System.Runtime.CompilerServices;
using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

/// <summary>Operator and nodes are not replaced at one moment: each reads what another version wrote.</summary>
public sealed class DeliveryJsonTests
{
    [Fact]
    public void Order_WithNothingButWhatIsRequired_HasItsDefaults()
    {
        Order order = JsonSerializer.Deserialize(
            """{"campaignId":"c","revision":1,"ownerUid":"u","generation":2,"gate":"Open","filter":{"selector":{},"geo":{}},"delivery":{},"notice":"n","later":[1]}""",
            DeliveryJson.Default.Order)!;

        order.LedgerId.ShouldBe("");
        order.Priority.ShouldBe(500);
        order.Delivery.ShouldBe(new DeliveryRules());
        order.Delivery.MaxAttempts.ShouldBe(5);
        order.Filter.SeenWithinSeconds.ShouldBe(2_592_000);
        order.Filter.ExcludeVids.ShouldBeEmpty();
        order.Filter.Selector!.MatchLabels.ShouldBeEmpty();
        order.Filter.Selector.MatchExpressions.ShouldBeEmpty();
        order.Filter.Geo!.Include.ShouldBeEmpty();
        order.Filter.Geo.MaxPositionAgeSeconds.ShouldBe(900);
        Should.NotThrow(() => new TargetMatcher(order.Filter).Selects("v1", new Dictionary<string, string>()));
    }

    [Fact]
    public void Order_WithEverything_IsReadAsItWasWritten()
    {
        Order order = new()
        {
            CampaignId = "c",
            Revision = 1,
            OwnerUid = "u",
            Generation = 2,
            LedgerId = "l",
            Gate = Gate.Paused,
            Filter = new TargetFilter { SeenWithinSeconds = 0, ExcludeVids = ["v"], Geo = new GeoFilter { MaxPositionAgeSeconds = 5 } },
            Delivery = new DeliveryRules { AckLevel = AckLevel.Installed, AckTimeoutSeconds = 1, MaxAttempts = 2, InstallTimeoutSeconds = 3 },
            Priority = 0,
            Notice = "n",
        };

        string text = JsonSerializer.Serialize(order, DeliveryJson.Default.Order);

        Order read = JsonSerializer.Deserialize(text, DeliveryJson.Default.Order)!;
        JsonSerializer.Serialize(read, DeliveryJson.Default.Order).ShouldBe(text);
        (read.Priority, read.Filter.SeenWithinSeconds, read.Delivery.AckTimeoutSeconds).ShouldBe((0, 0, 1));
    }

    [Fact]
    public void NodeBeatAndTombstone_WithNothingButWhatIsRequired_HaveTheirDefaults()
    {
        JsonSerializer.Deserialize("""{"node":"n","pod":"p","connections":1,"accepting":true,"orderSeq":7}""", DeliveryJson.Default.NodeBeat)!.Orders.ShouldBeEmpty();
        JsonSerializer.Deserialize(
            """
            {"campaignId":"c","revision":1,"ownerUid":"u","contentHash":"h","ledgerId":"l","outcome":"Expired","endedAt":"2026-01-01T00:00:00Z",
             "counts":{"targeted":1,"pending":0,"inFlight":0,"delivered":1,"failed":0,"rejected":0,"expired":0,"suppressed":0,"resends":0,"caughtUp":0}}
            """,
            DeliveryJson.Default.Tombstone)!.Reason.ShouldBe("");
    }

    [Fact]
    public void MembersWithADefault_CanBeAbsent()
    {
        IEnumerable<string> lost =
            from type in typeof(Order).Assembly.GetExportedTypes()
            where type.IsClass && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null
            let made = Activator.CreateInstance(type)
            from property in type.GetProperties()
            where property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true
            let plain = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null
            where !Equals(property.GetValue(made), plain)
            select $"{type.Name}.{property.Name}";

        lost.ShouldBeEmpty("with init, generated JSON code reads an absent member as its type's default");
    }
}
