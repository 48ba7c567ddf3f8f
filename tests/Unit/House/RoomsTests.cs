using System.Reflection;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.House;

/// <summary>Which room may know which: the first rule of the house.</summary>
public sealed class RoomsTests
{
    [Theory]
    [InlineData("PushPlatform.Operator", "PushPlatform.Delivery", "PushPlatform.Kubernetes")]
    [InlineData("PushPlatform.PushNode", "PushPlatform.Delivery")]
    [InlineData("kubectl-push", "PushPlatform.Kubernetes")]
    [InlineData("PushPlatform.Delivery")]
    [InlineData("PushPlatform.VehicleClient")]
    [InlineData("PushPlatform.Kubernetes")]
    public void Room_KnowsOnly_TheRoomsItMay(string room, params string[] allowed) =>
        References(room).Where(name => name.StartsWith("PushPlatform.", StringComparison.Ordinal)).ShouldBeSubsetOf(allowed);

    [Theory]
    [InlineData("PushPlatform.Operator")]
    [InlineData("PushPlatform.PushNode")]
    [InlineData("kubectl-push")]
    [InlineData("PushPlatform.VehicleClient")]
    [InlineData("PushPlatform.Kubernetes")]
    public void Room_OtherThanDelivery_DoesNotKnowRedisOrRabbitMq(string room) =>
        References(room).ShouldNotContain(name => name == "StackExchange.Redis" || name == "RabbitMQ.Client");

    [Fact]
    public void Delivery_IsWhereRedisAndRabbitMqAreKnown() =>
        References("PushPlatform.Delivery").ShouldContain("RabbitMQ.Client");

    [Fact]
    public void VehicleClient_NeedsNothingButTheBaseClassLibrary() =>
        References("PushPlatform.VehicleClient").ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal));

    private static IEnumerable<string> References(string room) =>
        Assembly.Load(room).GetReferencedAssemblies().Select(reference => reference.Name!);
}
