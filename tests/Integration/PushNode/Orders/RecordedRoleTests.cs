using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Integration.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>The role on record, by which campaigns choose: always that of the present connection.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class RecordedRoleTests(SingleRedis redis) : IAsyncLifetime
{
    private TestPool _pool = null!;

    public async ValueTask InitializeAsync() => _pool = await TestPool.StartAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    [Fact]
    public async Task TheRole_IsOfTheConnection_AlsoWhenTheCarSaysNothingOfItsLabels()
    {
        OrdersNode node = await _pool.AddNodeAsync("a");
        Car car = new("car-1") { Role = "head-unit" };
        await TestPool.ConnectAsync(node, [car]);
        (await LabelsAsync(car)).ShouldBe(Labels(role: "head-unit"), ignoreOrder: true);

        car.SaysItsLabels = false;
        car.Role = "driver-app";
        await TestPool.ConnectAsync(node, [car]);
        await TestPool.UntilAsync(async () => (await LabelsAsync(car)).GetValueOrDefault(VehicleRole.Label) == "driver-app", "the new role is on record");
        (await LabelsAsync(car)).ShouldBe(Labels(role: "driver-app"), ignoreOrder: true);

        car.Role = null;
        await TestPool.ConnectAsync(node, [car]);
        await TestPool.UntilAsync(async () => !(await LabelsAsync(car)).ContainsKey(VehicleRole.Label), "the role is gone");
        (await LabelsAsync(car)).ShouldBe(Labels(role: null), ignoreOrder: true);
    }

    private static Dictionary<string, string> Labels(string? role)
    {
        Dictionary<string, string> labels = new() { ["model"] = "x7" };
        if (role is not null)
        {
            labels.Add(VehicleRole.Label, role);
        }

        return labels;
    }

    private async Task<IReadOnlyDictionary<string, string>> LabelsAsync(Car car)
    {
        IReadOnlyList<KnownVehicle?> found = await _pool.Store.Vehicles.FindAsync(_pool.Name, Shards.Of(car.Vid), [car.Vid], CancellationToken.None);
        return found[0].ShouldNotBeNull().Labels;
    }
}
