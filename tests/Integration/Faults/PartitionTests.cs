using PushPlatform.Delivery.Orders;
using PushPlatform.Fleet;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A node that reaches everything but one of its servers. The bounds of G5 and G6, as the cars see them.</summary>
public sealed class PartitionTests(NodesStage stage) : IClassFixture<NodesStage>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    public enum Link
    {
        RedisCut,
        RedisSilent,
        RabbitCut,
        RabbitSilent,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Link.RedisCut)]
    [InlineData(Link.RedisSilent)]
    [InlineData(Link.RabbitCut)]
    [InlineData(Link.RabbitSilent)]
    public async Task NodeIsCutOff_ThenSuspended_NothingIsSentAnywhere2SecondsLater_AndItGoesOnAfterwards(Link link)
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        IReadOnlyList<StagePod> nodes = await stage.Stage.Pods.NodesAsync(Token);
        await story.AddCarsAsync(100, null, nodes[0]);
        await story.AddCarsAsync(100, null, nodes[1]);
        FleetGroup mute = await story.AddCarsAsync(20, group => group with { Answer = VehicleAnswer.Nothing }, nodes[0]);
        await story.ApplyAsync(rate: 20, new DeliverySettings { AckTimeoutSeconds = 1, MaxAttempts = 6 });
        await story.UntilAsync("re-sends", () => Task.FromResult(mute.Vehicles.Any(car => car.Seen.Any(seen => seen.Copies > 1))));

        await using LagProbe lag = new();
        await BreakAsync(stage.Stage.Pods.LinksOf(nodes[0]), link);
        await story.PatchAsync("""{"suspend":true}""");
        long written = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(written) < Bound + lag.Worst)
        {
            await Task.Delay(10, Token);
        }

        int atTheBound = story.Copies;
        await Task.Delay(Bound, Token);
        story.Copies.ShouldBe(atTheBound);
        story.Told.ShouldBeLessThan(story.Cars.Count, "it was stopped in mid-push");

        stage.Stage.Pods.LinksOf(nodes[0]).Heal();
        await story.PatchAsync("""{"suspend":false,"pace":{"maxPerSecond":1000}}""");
        await story.EndsWellAsync(failed: mute.Vehicles.Count);
    }

    [Theory]
    [InlineData(Link.RabbitCut)]
    [InlineData(Link.RabbitSilent)]
    public async Task NodeHearsNothingOverTheBus_ItsCarsAreTold2SecondsAfterTheOrderOpens(Link link)
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        IReadOnlyList<StagePod> nodes = await stage.Stage.Pods.NodesAsync(Token);
        await story.AddCarsAsync(20, null, nodes[0]);
        await BreakAsync(stage.Stage.Pods.LinksOf(nodes[0]), link);

        await using LagProbe lag = new();
        await story.ApplyAsync(rate: 1000);
        DateTimeOffset opened = await OpenedAsync(story);
        await story.UntilToldAsync(20);

        TimeSpan delay = story.Cars.Max(car => car.Seen[0].FirstAt) - opened;
        delay.ShouldBeLessThan(Bound + lag.Worst);
        await story.EndsWellAsync();
        stage.Stage.Pods.LinksOf(nodes[0]).Heal();
    }

    private static async Task BreakAsync(PodLinks links, Link link)
    {
        FaultyLink victim = link is Link.RedisCut or Link.RedisSilent ? links.Redis : links.Rabbit;
        if (link is Link.RedisCut or Link.RabbitCut)
        {
            await victim.CutAsync();
        }
        else
        {
            victim.Silence();
        }
    }

    // The number of an order is Redis's clock in µs when it was written, and Redis runs on this machine.
    private static async Task<DateTimeOffset> OpenedAsync(FaultStory story)
    {
        Order? open = null;
        await TestPool.UntilAsync(
            async () => (open = (await story.Orders.ReadAsync(story.Key.Pool, Token)).Orders
                .FirstOrDefault(order => order.CampaignId == story.Key.CampaignId && order.Gate == Gate.Open)) is not null,
            "the order is open");
        return DateTimeOffset.UnixEpoch.AddMicroseconds(open!.Seq);
    }
}
