using PushPlatform.Delivery.Redis;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class ServerInspectionTests
{
    [Theory]
    [InlineData("noeviction", "7.0.15", "1", 0, 0)]
    [InlineData("allkeys-lru", "7.0.15", "1", 1, 0)]
    [InlineData("noeviction", "5.0.14", "1", 1, 0)]
    [InlineData("noeviction", "6.0.16", "0", 0, 1)]
    [InlineData("volatile-ttl", "5.0.14", "0", 2, 1)]
    public void Judge_Settings_FaultsAndWarnings(string policy, string version, string aof, int faulty, int warned)
    {
        List<string> faults = [];
        List<string> warnings = [];
        ServerInspection.Judge("r:6379", new() { ["maxmemory_policy"] = policy, ["redis_version"] = version, ["aof_enabled"] = aof }, faults, warnings);
        (faults.Count, warnings.Count).ShouldBe((faulty, warned));
        faults.ShouldAllBe(fault => fault.Contains("r:6379"));
    }

    [Fact]
    public void Judge_PolicyNotTold_IsAFault()
    {
        List<string> faults = [];
        ServerInspection.Judge("r:6379", [], faults, []);
        faults.ShouldHaveSingleItem().ShouldContain("unknown");
    }
}
