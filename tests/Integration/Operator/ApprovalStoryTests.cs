using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.LocalCluster;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Nobody is told before a person has approved it, in their own name and as it stands.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class ApprovalStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private const int Fleet = 100;

    private OperatorStage _stage = null!;
    private IHost _operator = null!;
    private Car[] _cars = [];

    public async ValueTask InitializeAsync() => await BeginAsync(identityIsProven: true);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task APersonSeesTheNumber_Approves_AndADenialStopsItInMidPush()
    {
        await AskAsync(rate: 20);
        (await MessageAsync()).ShouldStartWith("100 cars match, 100 of them online; ");
        _cars.Sum(car => car.Pushes).ShouldBe(0);

        await _stage.ApproveAsync("alice", comment: "seen the number");
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > 10, "it is being pushed");

        await _stage.ApproveAsync("bob", "Deny", comment: "the download server is down");
        long denied = TimeProvider.System.GetTimestamp();
        await _stage.UntilConditionAsync("Paused", "Denied");
        (await MessageAsync()).ShouldContain("denied by bob (the download server is down)");
        await TestPool.UntilAsync(() => TimeProvider.System.GetElapsedTime(denied) > TimeSpan.FromSeconds(4), "four seconds pass");
        _cars.SelectMany(car => car.PushedAt).ShouldAllBe(at => TimeProvider.System.GetElapsedTime(denied, at) < TimeSpan.FromSeconds(2));

        await _stage.ApproveAsync("alice", comment: "it is back");
        await _stage.UntilPhaseAsync("Completed");
        _cars.ShouldAllBe(car => car.Pushes == 1);
        JsonArray approvals = (await _stage.CampaignAsync())!["status"]!["approvals"]!.AsArray();
        approvals.Select(said => $"{said!["verb"]} {said["by"]}").ShouldBe(["Approve alice", "Deny bob", "Approve alice"]);
        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Contains("Completed"), "events are written in the background");
        (await _stage.EventReasonsAsync()).Where(reason => reason is "Approved" or "Denied").ShouldBe(["Approved", "Denied", "Approved"]);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task ItIsChangedInMidPush_StopsUntilItIsApprovedAgain()
    {
        await AskAsync(rate: 20);
        await _stage.ApproveAsync("alice");
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > 10, "it is being pushed");

        await _stage.PatchAsync("""{"spec":{"pace":{"maxPerSecond":1000}}}""");
        await _stage.UntilPhaseAsync("AwaitingApproval");
        _cars.Sum(car => car.Pushes).ShouldBeLessThan(Fleet);

        await _stage.ApproveAsync("alice");
        await _stage.UntilPhaseAsync("Completed");
        _cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task AnApprovalOfWhatStoodBefore_IsRefused_AndSaysWhatStands()
    {
        await AskAsync();
        string seen = await HashAsync();
        await _stage.PatchAsync("""{"spec":{"targets":{"maxRecipients":5}}}""");

        string approval = await _stage.ApproveAsync("alice", hash: seen);
        (await _stage.VerdictAsync(approval)).ShouldBe(("False", "SpecChanged"));
        await _stage.UntilPhaseAsync("AwaitingApproval");
        _cars.Sum(car => car.Pushes).ShouldBe(0);
    }

    [Fact]
    public async Task AListInAConfigMap_IsPartOfWhatIsApproved()
    {
        await _stage.CreateConfigMapAsync("cars", "vids", string.Join('\n', _cars[..20].Select(car => car.Vid)));
        await AskAsync(rate: 10, targets: """{"vidsFrom":[{"configMapKeyRef":{"name":"cars","key":"vids"}}]}""");
        string seen = await HashAsync();
        await _stage.PatchConfigMapAsync("cars", new JsonObject { ["data"] = new JsonObject { ["vids"] = string.Join('\n', _cars[..30].Select(car => car.Vid)) } }.ToJsonString());
        await TestPool.UntilAsync(async () => await HashAsync() != seen, "the longer list is read");

        (await _stage.VerdictAsync(await _stage.ApproveAsync("alice", hash: seen))).ShouldBe(("False", "SpecChanged"));
        _cars.Sum(car => car.Pushes).ShouldBe(0);
        await _stage.ApproveAsync("alice");
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > 5, "it is being pushed");
        await _stage.PatchConfigMapAsync("cars", """{"data":{"vids":"nobody"}}""");
        await _stage.UntilPhaseAsync("Completed");
        _cars.Count(car => car.Pushes == 1).ShouldBe(30, "what the list says later is for the next revision");
    }

    [Fact]
    public async Task InAnothersName_IsRefusedByTheServer_AndNothingElseCounts()
    {
        await AskAsync();
        (await Assert.ThrowsAsync<ShouldAssertException>(() => _stage.ApproveAsync("mallory", pretends: "alice"))).Message.ShouldContain("spec.approvedBy must be");

        (await _stage.VerdictAsync(await _stage.ApproveAsync("mallory", campaign: "none"))).ShouldBe(("False", "CampaignNotFound"));
        await _stage.UntilPhaseAsync("AwaitingApproval");
    }

    [Fact]
    public async Task WhereAnybodyMayWriteAnyName_NoApprovalCounts_UntilThatIsMended()
    {
        await _stage.DisposeAsync();
        await BeginAsync(identityIsProven: false);
        await AskAsync();

        (await _stage.VerdictAsync(await _stage.ApproveAsync("mallory", pretends: "alice"))).ShouldBe(("False", "IdentityNotProven"));
        await _stage.ProveIdentityAsync();
        await _stage.UntilPhaseAsync("AwaitingApproval");
        _cars.Sum(car => car.Pushes).ShouldBe(0, "what was refused once stays refused");

        await _stage.ApproveAsync("alice");
        await _stage.UntilPhaseAsync("Completed");
    }

    [Fact]
    public async Task TheApprovalIsDeletedAndTheOperatorDies_WhatWasSaidStays()
    {
        await AskAsync(rate: 20);
        string approval = await _stage.ApproveAsync("alice");
        await TestPool.UntilAsync(() => _cars.Sum(car => car.Pushes) > 5, "it is being pushed");
        await _stage.DeleteApprovalAsync(approval);
        await TestPool.UntilAsync(async () => await _stage.ApprovalAsync(approval) is null, "it is gone");
        await _stage.StopOperatorAsync(_operator);
        _operator = await _stage.StartOperatorAsync();

        await _stage.UntilPhaseAsync("Completed");
        _cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task TheCommandInTheMessage_ApprovesIt()
    {
        await AskAsync();
        string message = await MessageAsync();
        string command = message[message.IndexOf("echo ", StringComparison.Ordinal)..];

        await new Kubectl(_stage.KubeconfigPath, Path.GetDirectoryName(_stage.KubeconfigPath)!).ShellAsync(command);

        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CampaignAsync())!["status"]!["approvals"]![0]!["by"]!.GetValue<string>().ShouldBe("localcluster");
    }

    private async Task BeginAsync(bool identityIsProven)
    {
        _stage = await OperatorStage.StartAsync(redis, identityIsProven: identityIsProven);
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-1");
        _cars = TestPool.Cars(Fleet);
        await TestPool.ConnectAsync(node, _cars);
        _operator = await _stage.StartOperatorAsync();
    }

    private async Task AskAsync(int rate = 1000, string targets = """{"all":true}""")
    {
        await _stage.CreateCampaignAsync(new JsonObject
        {
            ["pace"] = new JsonObject { ["maxPerSecond"] = rate },
            ["targets"] = JsonNode.Parse(targets),
            ["rollout"] = new JsonObject { ["approval"] = "Manual" },
        });
        await _stage.UntilPhaseAsync("AwaitingApproval");
    }

    private async Task<string> HashAsync() => (await _stage.CampaignAsync())!["status"]!["specHash"]!.GetValue<string>();

    private async Task<string> MessageAsync() => (await _stage.CampaignAsync())!["status"]!["message"]!.GetValue<string>();
}
