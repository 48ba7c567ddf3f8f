using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery.Ledger;
using PushPlatform.KubectlPush;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.KubectlPush;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Cars that have failed are tried again, by people and by Git, with an operator that comes and goes.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class RetryStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task CarsThatFailed_AreTriedAgainByCode_AfterTheEnd_AndNobodyElseIsTouched()
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        Car[] cars = TestPool.Cars(24);
        Car[] flash = [.. cars[..8].Select(car => Fails(car, AckStatus.Failed, "E_FLASH"))];
        Car[] disk = [.. cars[8..14].Select(car => Fails(car, AckStatus.Failed, "E_DISK"))];
        Car[] unwilling = [.. cars[14..17].Select(car => Fails(car, AckStatus.Rejected, "E_MODEL"))];
        await TestPool.ConnectAsync(node, cars);
        IHost first = await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        using Plugin push = new(_stage.KubeconfigPath, _stage.Namespace);
        Car late = new("late");
        await TestPool.ConnectAsync(node, [late]);

        Array.ForEach(flash, car => car.Answer = AckStatus.Received);
        (await push.RunAsync("retry brakes --code E_OTHER")).ShouldSay(ExitCodes.Done, "No car of brakes has failed with E_OTHER");
        (await push.RunAsync("retry brakes --code E_FLASH --code E_OTHER")).ShouldSay(ExitCodes.Done, "8 cars of brakes that failed with E_FLASH or E_OTHER are tried again");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("delivered") == 15, "they have it now");
        await _stage.UntilPhaseAsync("Completed");
        ShouldBePushed(1, [.. disk, .. unwilling, .. cars[17..]]);
        ShouldBePushed(2, flash);
        flash.ShouldAllBe(car => car.Link.Frames.Any(frame => frame.Contains("\"retry\":2", StringComparison.Ordinal)), "a car that remembers its failure sees that it is asked again");
        await _stage.AuditAsync();

        // Nobody is there to do it at once, and whoever comes next does it once.
        await _stage.StopOperatorAsync(first);
        Array.ForEach(disk[1..], car => car.Answer = AckStatus.Received);
        await _stage.PatchAsync("""{"spec":{"retry":{"round":9,"codes":null}}}""");
        await _stage.StartOperatorAsync();
        await TestPool.UntilAsync(async () => await _stage.CountAsync("delivered") == 20, "so have these");
        await _stage.UntilPhaseAsync("Completed");
        JsonNode status = (await _stage.CampaignAsync())!["status"]!;
        (status["retry"]!["round"]!.GetValue<int>(), status["retry"]!["retried"]!.GetValue<long>(), status["counts"]!["failed"]!.GetValue<long>()).ShouldBe((9, 6, 1));
        ShouldBePushed(2, [.. flash, .. disk]);
        ShouldBePushed(1, [.. unwilling, .. cars[17..]]);
        late.Pushes.ShouldBe(0, "it came after the end");
        (await _stage.EventReasonsAsync()).Count(reason => reason == "Retried").ShouldBe(2);
        await _stage.AuditAsync();

        await _stage.PatchAsync("""{"spec":{"schedule":{"expireAt":"2020-01-01T00:00:00Z"}}}""");
        (await push.RunAsync("retry brakes")).ShouldSay(ExitCodes.Failed, "it has expired");
    }

    private static Car Fails(Car car, AckStatus status, string code)
    {
        (car.Answer, car.Code) = (status, code);
        return car;
    }

    private static void ShouldBePushed(int times, Car[] cars) => cars.ShouldAllBe(car => car.Pushes == times);
}
