using PushPlatform.LocalCluster.Faults;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>The operators lose the API server, whole or just their watches.</summary>
public sealed class ApiFaultTests(ForgetfulApiStage stage) : IClassFixture<ForgetfulApiStage>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ApiIsGoneFor30SecondsInMidPush_TheCampaignGoesOn_AndIsToldToHaveEndedAfterwards()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(60);
        await story.ApplyAsync(rate: 5);
        await story.UntilToldAsync(5);

        FaultyLink[] links = await ApiLinksAsync();
        await Task.WhenAll(links.Select(link => link.CutAsync()));
        long gone = TimeProvider.System.GetTimestamp();
        StagePod leader = (await stage.Stage.Pods.OperatorsAsync(Token)).Single();
        await stage.Stage.UntilAsync("the operator to name what is broken", async _ => NamesTheApi(await HealthAsync(leader)), Token);
        await story.UntilToldAsync(60);
        TimeSpan rest = TimeSpan.FromSeconds(30) - TimeProvider.System.GetElapsedTime(gone);
        (await story.StatusAsync()).Phase.ShouldBe(CampaignPhase.Pushing, "no operator has seen it");
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Token);
        Array.ForEach(links, link => link.Heal());

        await story.EndsWellAsync();
        NamesTheApi(await HealthAsync(leader)).ShouldBeFalse("it is back");
    }

    [Fact]
    public async Task WatchesAreCutAndTheirVersionExpires_WhatAPersonSaysMeanwhileAndAfterwardsIsDone()
    {
        await using FaultStory story = await FaultStory.BeginAsync(stage.Stage, Token);
        await story.AddCarsAsync(60);
        await story.ApplyAsync(rate: 2);
        await story.UntilToldAsync(2);

        FaultyLink[] links = await ApiLinksAsync();
        await Task.WhenAll(links.Select(link => link.CutAsync()));
        await PushHistoryOutAsync(story);
        Array.ForEach(links, link => link.Heal());
        await story.UntilPhaseAsync(CampaignPhase.Suspended);
        int told = story.Copies;
        await story.PatchAsync("""{"suspend":false,"pace":{"maxPerSecond":1000}}""");
        told.ShouldBeLessThan(60);

        // A campaign that only a new list or watch can tell of.
        await using FaultStory next = await FaultStory.BeginAsync(stage.Stage, Token);
        await next.AddCarsAsync(10);
        await next.ApplyAsync(rate: 1000);
        await next.EndsWellAsync();
        await story.EndsWellAsync();
    }

    private static bool NamesTheApi(string health) =>
        health.Contains("Kubernetes API at", StringComparison.Ordinal) && health.Contains("does not answer, since 2", StringComparison.Ordinal)
        && health.Contains("check that it runs", StringComparison.Ordinal);

    /// <summary>Empty while it does not answer: without the API an operator loses its lease, and starts anew.</summary>
    private static async Task<string> HealthAsync(StagePod pod)
    {
        using HttpClient http = new();
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{pod.Address}:8081/healthz"), Token);
            return await answer.Content.ReadAsStringAsync(Token);
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    // Each change is one step of the history that watches can go back.
    private static async Task PushHistoryOutAsync(FaultStory story)
    {
        for (int i = 0; i <= ForgetfulApiStage.History; i++)
        {
            await story.PatchAsync($$"""{"suspend":{{(i % 2 == 0 ? "false" : "true")}}}""");
        }

        await story.PatchAsync("""{"suspend":true}""");
    }

    private async Task<FaultyLink[]> ApiLinksAsync() =>
        [.. (await stage.Stage.Pods.OperatorsAsync(Token)).Select(pod => stage.Stage.Pods.LinksOf(pod).Api!)];
}
