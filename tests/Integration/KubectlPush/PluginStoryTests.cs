using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using PushPlatform.Delivery.Ledger;
using PushPlatform.KubectlPush;
using PushPlatform.LocalCluster.Api;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.Operator;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.KubectlPush;

/// <summary>What a person does with <c>kubectl push</c>, against the operator's executable, nodes' order execution and a real Redis.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class PluginStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;
    private Plugin _push = null!;

    public async ValueTask InitializeAsync()
    {
        // Alice may see everything; Bob sees the resources, and no car.
        _stage = await OperatorStage.StartAsync(redis, new LocalApiOptions { MayDo = static (user, asked) => user == "alice" && (string?)asked["verb"] == "get" && (string?)asked["group"] == "pushplatform.io" });
        _push = new Plugin(_stage.KubeconfigPath, _stage.Namespace);
    }

    public async ValueTask DisposeAsync()
    {
        _push.Dispose();
        await _stage.DisposeAsync();
    }

    [Fact]
    public async Task ACampaign_IsPreviewed_Resumed_Paused_AndAborted()
    {
        Car[] cars = await PoolWithCarsAsync(200);
        await _stage.CreateCampaignAsync(new() { ["suspend"] = true, ["pace"] = new JsonObject { ["maxPerSecond"] = 20 } });

        (await _push.RunAsync("preview brakes")).ShouldSay(ExitCodes.Done, "200 cars would be told: 200 online now, 0 when they come back");
        (await _push.RunAsync("resume brakes")).ShouldSay(ExitCodes.Done, "brakes goes on");
        await TestPool.UntilAsync(() => cars.Sum(car => car.Pushes) > 5, "it is being pushed");
        (await _push.RunAsync("pause brakes")).ShouldSay(ExitCodes.Done, "brakes is held");
        (await _push.RunAsync("pause brakes")).ShouldSay(ExitCodes.Done, "brakes was held already");
        (await _push.RunAsync("status brakes")).ShouldSay(ExitCodes.Done, "phase     Suspended");
        (await _push.RunAsync("abort brakes")).ShouldSay(ExitCodes.Usage, "--yes");
        (await _push.RunAsync("abort brakes", answer: "n\n")).ShouldSay(ExitCodes.Failed, "Nothing was changed.");
        (await _stage.CampaignAsync())!["spec"]!["abort"]?.GetValue<bool>().ShouldBe(false);
        (await _push.RunAsync("abort brakes", answer: "y\n")).ShouldSay(ExitCodes.Done, "abort");
        await _stage.UntilPhaseAsync("Aborted");
        (await _push.RunAsync("status brakes -w")).ShouldSay(ExitCodes.Failed, "Aborted");
        (await _push.RunAsync("resume brakes")).ShouldSay(ExitCodes.Failed, "has ended");

        int told = cars.Sum(car => car.Pushes);
        told.ShouldBeLessThan(200);
        (await _push.As("alice").RunAsync("export brakes")).Lines.Count(line => line.Contains(",Expired,", StringComparison.Ordinal)).ShouldBe(200 - told);
    }

    [Fact]
    public async Task ACampaign_IsTakenBack_AfterItsEnd()
    {
        Car[] cars = await PoolWithCarsAsync(5);
        cars[4].AnswerToCancel = null;
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");

        (await _push.RunAsync("cancel brakes")).ShouldSay(ExitCodes.Usage, "--yes");
        (await _push.RunAsync("cancel brakes", answer: "n\n")).ShouldSay(ExitCodes.Failed, "Nothing was changed.");
        (await _push.RunAsync("cancel brakes --yes")).ShouldSay(ExitCodes.Done, "brakes is cancelled. Cancelled: 5 of 5 delivered");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("cancelled") == 4, "four have forgotten it");
        (await _push.RunAsync("status brakes")).ShouldSay(ExitCodes.Done, "4 have forgotten it, 1 have not answered");
        (await _push.As("alice").RunAsync("export brakes")).Lines.Count(line => line.Contains(",Delivered,1,false,false,false,true,", StringComparison.Ordinal)).ShouldBe(4);
        (await _push.As("alice").RunAsync($"vehicle {cars[4].Vid}")).ShouldSay(ExitCodes.Done, "told to forget it");
    }

    [Fact]
    public async Task WhoGotIt_IsAnsweredForEachCar_AsCsvAndAsJson()
    {
        Car[] cars = await PoolWithCarsAsync(30);
        Car[] unwilling = cars[..4];
        Array.ForEach(unwilling, car => car.Answer = AckStatus.Rejected);
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        Plugin alice = _push.As("alice");

        Plugin.Said csv = await alice.RunAsync("export brakes");
        csv.ShouldSay(ExitCodes.Done, "30 cars");
        csv.Lines[0].ShouldBe("vid,device,state,attempts,away,installed,failedLater,cancelled,outcome,code,at");
        csv.Lines.Skip(1).Select(line => line.Split(',')).ShouldAllBe(cells => cells[2] == (IsOne(unwilling, cells[0]) ? "Rejected" : "Delivered") && cells[3] == "1");
        csv.Lines.Skip(1).Select(line => line.Split(',')[0]).ShouldBe(cars.Select(car => car.Vid), ignoreOrder: true);

        Plugin.Said json = await alice.RunAsync("export brakes -o json --state Rejected");
        json.Lines.Select(line => JsonNode.Parse(line)!["vid"]!.GetValue<string>()).ShouldBe(unwilling.Select(car => car.Vid), ignoreOrder: true);

        (await alice.RunAsync("export brakes --revision 7")).ShouldSay(ExitCodes.NotFoundOrForbidden, "nothing is on record of revision 7");
        (await alice.RunAsync("export brakes -f /no/such/folder/fates.csv")).ShouldSay(ExitCodes.Failed, "cannot be written");
        string file = alice.PathOf("fates.csv");
        (await alice.RunAsync($"export brakes -f {file}")).Out.ShouldBeEmpty();
        (await File.ReadAllLinesAsync(file)).Order().ShouldBe(csv.Lines.Order());

        (await alice.RunAsync("status brakes")).ShouldSay(ExitCodes.Done, "rejected");
        (await alice.RunAsync("status -o json")).Code.ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public async Task ACar_IsLookedUp_WithWhereItIsAndWhatBecameOfIt()
    {
        Car[] cars = await PoolWithCarsAsync(3);
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        Plugin alice = _push.As("alice");

        Plugin.Said said = await alice.RunAsync($"vehicle {cars[0].Vid}");
        said.ShouldSay(ExitCodes.Done, "connected to pod-1");
        said.ShouldSay(ExitCodes.Done, "labels model=x7");
        said.Out.ShouldMatch("brakes +1 +brake-ecu 4.2.1 +Delivered +1 ");
        cars[0].Link.Leave();
        await TestPool.UntilAsync(async () => (await alice.RunAsync($"vehicle {cars[0].Vid}")).Out.Contains("not connected", StringComparison.Ordinal), "it has left");
        (await alice.RunAsync("vehicle VIN-NOBODY")).ShouldSay(ExitCodes.NotFoundOrForbidden, "has never seen a car \"VIN-NOBODY\"");
        (await alice.RunAsync($"vehicle {cars[0].Vid} --pool other")).Code.ShouldBe(ExitCodes.NotFoundOrForbidden);
    }

    [Fact]
    public async Task WhoMayNot_LearnsNothing_NotEvenWhetherItExists()
    {
        Car[] cars = await PoolWithCarsAsync(3);
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        Plugin bob = _push.As("bob");

        (await bob.RunAsync("export brakes")).ShouldSay(ExitCodes.NotFoundOrForbidden, "user \"bob\" may not get pushcampaigns/deliveries.pushplatform.io \"brakes\"");
        Plugin.Said there = await bob.RunAsync($"vehicle {cars[0].Vid}");
        Plugin.Said absent = await bob.RunAsync("vehicle VIN-NOBODY");
        (there.Code, there.Out, there.Error).ShouldBe((absent.Code, absent.Out, absent.Error));
        (await _push.AsNobody().RunAsync("export brakes")).ShouldSay(ExitCodes.Usage, "--service-account");
        (await bob.RunAsync("status brakes")).Code.ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public async Task OperatorGone_IsSaid_AndStatusIsShownAllTheSame()
    {
        OperatorProcess process = await StartedAsync(2);
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        await process.KillAsync();

        (await _push.RunAsync("export brakes")).ShouldSay(ExitCodes.Unreachable, "The operator cannot be asked");
        (await _push.RunAsync("status brakes")).ShouldSay(ExitCodes.Done, "phase     Completed");
        await _stage.CreateCampaignAsync(name: "later");
        (await _push.RunAsync("pause later --timeout 1")).ShouldSay(ExitCodes.Unreachable, "has not answered within 1 s");
        (await _stage.CampaignAsync("later"))!["spec"]!["suspend"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task ACampaignThatWaits_IsApproved_InTheUsersOwnName_AndNotOnceItHasChanged()
    {
        Car[] cars = await PoolWithCarsAsync(10);
        await _stage.CreateCampaignAsync(new() { ["rollout"] = new JsonObject { ["approval"] = "Manual" } });
        await _stage.UntilPhaseAsync("AwaitingApproval");
        string looked = (await _stage.CampaignAsync())!["status"]!["specHash"]!.GetValue<string>();
        await _stage.PatchAsync("""{"spec":{"pace":{"maxPerSecond":50}}}""");
        Plugin alice = _push.As("alice");

        (await alice.RunAsync($"approve brakes --spec-hash {looked}")).ShouldSay(ExitCodes.Failed, "Approve is not accepted");
        cars.Sum(car => car.Pushes).ShouldBe(0);
        (await alice.RunAsync("approve brakes -m bench")).ShouldSay(ExitCodes.Done, "is accepted");
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CampaignAsync())!["status"]!["approvals"]!.AsArray().Select(said => $"{said!["verb"]} {said["by"]}").ShouldContain("Approve alice");
    }

    [Fact]
    public async Task ACampaignInSteps_IsDenied_Approved_AndPromoted()
    {
        Car[] cars = await PoolWithCarsAsync(10);
        await _stage.CreateCampaignAsync(new() { ["rollout"] = new JsonObject { ["approval"] = "Manual", ["steps"] = new JsonArray(new JsonObject { ["count"] = 3, ["untilPromoted"] = true }) } });
        await _stage.UntilPhaseAsync("AwaitingApproval");
        Plugin alice = _push.As("alice");

        (await alice.RunAsync("deny brakes -m Friday")).ShouldSay(ExitCodes.Done, "is accepted");
        await TestPool.UntilAsync(async () => (await alice.RunAsync("status brakes")).Out.Contains("Denied", StringComparison.Ordinal), "the status says so");
        (await alice.RunAsync("promote brakes")).ShouldSay(ExitCodes.Failed, "not accepted");
        (await alice.RunAsync("approve brakes")).ShouldSay(ExitCodes.Done, "is accepted");
        await TestPool.UntilAsync(async () => (await alice.RunAsync("status brakes")).Out.Contains("kubectl push promote brakes", StringComparison.Ordinal), "the first step waits for a person");
        cars.Sum(car => car.Pushes).ShouldBe(3);
        (await alice.RunAsync("promote brakes")).ShouldSay(ExitCodes.Done, "is accepted");
        await _stage.UntilPhaseAsync("Completed");
        cars.Sum(car => car.Pushes).ShouldBe(10);
    }

    [Fact]
    public async Task ACampaignThatALimitHasStopped_IsResumed()
    {
        Car[] cars = await PoolWithCarsAsync(12);
        Array.ForEach(cars, car => car.Answer = AckStatus.Failed);
        JsonObject limit = new() { ["failure"] = "Failed", ["percent"] = 10, ["minSamples"] = 2 };
        await _stage.CreateCampaignAsync(new() { ["pace"] = new JsonObject { ["maxPerSecond"] = 2 }, ["rollout"] = new JsonObject { ["abortWhen"] = new JsonArray(limit) } });
        await _stage.UntilPhaseAsync("Paused");
        Array.ForEach(cars, car => car.Answer = AckStatus.Received);

        (await _push.RunAsync("resume brakes")).ShouldSay(ExitCodes.Done, "brakes goes on");
        await _stage.UntilPhaseAsync("Completed");
        (await _stage.CampaignAsync())!["spec"]!["resume"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task ASupportBundle_HoldsWhatThereIs_AndNoSecret()
    {
        await PoolWithCarsAsync(2);
        await _stage.CreateCampaignAsync(new() { ["patch"] = new JsonObject { ["id"] = "brake-ecu", ["version"] = "4.2.1", ["url"] = "https://files.example.com/fix.bin?sig=hunter2" } });
        await _stage.UntilPhaseAsync("Completed");
        string path = _push.PathOf("report.tar.gz");

        (await _push.RunAsync($"report -f {path}")).ShouldSay(ExitCodes.Done, path);

        Dictionary<string, string> files = await FilesAsync(path);
        files[$"push-report/{_stage.Namespace}/pushcampaigns.json"].ShouldContain("https://files.example.com/fix.bin?[redacted]");
        files[$"push-report/{_stage.Namespace}/pushpools.json"].ShouldContain("inquiryAddress");
        files.Keys.ShouldContain($"push-report/{_stage.Namespace}/events.json");
        files[$"push-report/{_stage.Namespace}/push-nodes-deployments.json"].ShouldContain("push-default");
        files["push-report/missing.txt"].ShouldContain("only one behind a Service can be asked");
        files.Values.ShouldAllBe(text => !text.Contains("hunter2", StringComparison.Ordinal));
        (await _push.RunAsync("report -f /no/such/folder/report.tar.gz")).ShouldSay(ExitCodes.Failed, "cannot be written");
    }

    [Fact]
    public async Task WhatIsNotThere_IsNamed()
    {
        (await _push.RunAsync("status nothing")).ShouldSay(ExitCodes.NotFoundOrForbidden, "nothing");
        (await _push.RunAsync("status")).ShouldSay(ExitCodes.Done, "There are no campaigns in namespace");
        await _stage.CreatePoolAsync();
        (await _push.RunAsync("vehicle VIN-1")).ShouldSay(ExitCodes.Unreachable, "inquiries.enabled");
    }

    private static async Task<Dictionary<string, string>> FilesAsync(string path)
    {
        Dictionary<string, string> files = [];
        await using GZipStream zip = new(File.OpenRead(path), CompressionMode.Decompress);
        await using TarReader tar = new(zip);
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            using StreamReader text = new(entry.DataStream ?? Stream.Null);
            files[entry.Name] = await text.ReadToEndAsync();
        }
        return files;
    }

    private static bool IsOne(Car[] cars, string vid) => cars.Any(car => car.Vid == vid);

    private async Task<Car[]> PoolWithCarsAsync(int count)
    {
        await StartedAsync(0);
        OrdersNode node = await _stage.AddNodeAsync("pod-1");
        Car[] cars = [.. Enumerable.Range(0, count).Select(number => new Car($"VIN-{number:000}"))];
        await TestPool.ConnectAsync(node, cars);
        return cars;
    }

    /// <summary>A pool whose status says where its operator can be asked.</summary>
    private async Task<OperatorProcess> StartedAsync(int cars)
    {
        OperatorProcess process = await _stage.StartOperatorProcessAsync();
        await _stage.CreatePoolAsync();
        await TestPool.UntilAsync(async () => (string?)(await _stage.PoolAsync())?["status"]?["inquiryAddress"] == process.Inquiries.ToString(), "the operator says where it can be asked");
        if (cars > 0)
        {
            OrdersNode node = await _stage.AddNodeAsync("pod-1");
            await TestPool.ConnectAsync(node, [.. Enumerable.Range(0, cars).Select(number => new Car($"VIN-{number:000}"))]);
        }
        return process;
    }
}

internal static class SaidAssertions
{
    public static void ShouldSay(this Plugin.Said said, int code, string text)
    {
        said.Code.ShouldBe(code, said.ToString());
        $"{said.Out}{said.Error}".ShouldContain(text, Case.Sensitive, said.ToString());
    }
}
