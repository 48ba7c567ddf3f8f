using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>The broker dies in mid-push, with everything that it knew, and stays away for a minute.</summary>
public sealed class RabbitFaultTests(NodesStage stage) : IClassFixture<NodesStage>
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BrokerIsGoneForAMinuteAndForgetsAllQueues_CampaignsGoOnAndBegin_EachCarIsToldOnce()
    {
        await using FaultStory running = await FaultStory.BeginAsync(stage.Stage, Token);
        await running.AddCarsAsync(150);
        await running.ApplyAsync(rate: 2);
        await running.UntilToldAsync(2);

        await stage.Stage.Rabbit.KillAsync();
        Directory.Delete(Path.Combine(stage.Stage.Rabbit.Folder, "mnesia"), recursive: true);
        long gone = TimeProvider.System.GetTimestamp();
        await using FaultStory begun = await FaultStory.BeginAsync(stage.Stage, Token);
        await begun.AddCarsAsync(20);
        await begun.ApplyAsync(rate: 1000);
        await begun.EndsWellAsync();
        TimeSpan rest = Away - TimeProvider.System.GetElapsedTime(gone);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Token);
        int told = running.Told;
        await running.UntilToldAsync(Math.Min(told + 1, running.Cars.Count));

        await stage.Stage.Rabbit.StartAgainAsync(Token);
        await using FaultStory after = await FaultStory.BeginAsync(stage.Stage, Token);
        await after.AddCarsAsync(20);
        await after.ApplyAsync(rate: 1000);
        await after.EndsWellAsync();
        await running.EndsWellAsync();
    }
}
