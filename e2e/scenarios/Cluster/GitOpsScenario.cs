using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// A GitOps tool takes a campaign away and puts it back as it stands in Git: once while it runs, which ends it, and once when it is finished. Nothing is sent again; only a
/// higher revision tells everybody, on purpose.
/// </summary>
internal sealed class GitOpsScenario : IClusterScenario
{
    private const int Cars = 60;
    private const int ToldBefore = 10;

    // Stop means stop, within this time.
    private static readonly TimeSpan ToStop = TimeSpan.FromSeconds(2);

    public string Name => "gitops";

    public string Story => "A campaign is deleted and created again as it stands in Git, in full flight and when it is finished: nothing is sent again";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        await story.WhenMoreAreToldAsync(ToldBefore, cancellationToken);
        await story.MeanwhileAsync("The campaign is deleted, and created again as it was", async () =>
        {
            DateTimeOffset deleted = await ReplaceAsync(stage, story, revision: 1, cancellationToken);
            PushCampaign ended = await EndsAgainAsync(stage, story, CampaignPhase.Aborted, 1, cancellationToken);
            int late = story.Cars.Count(car => car.Seen.Any(seen => seen.FirstAt > deleted + ToStop));
            stage.Say($"It stays ended, with {ended.Status?.Counts?.Delivered} of {Cars} delivered; {story.Told} cars have seen it: {ended.Status?.Message}");
            if (late > 0)
            {
                story.Fault($"{late} cars were told after the campaign was deleted");
            }
            if (ended.Status?.Counts?.Delivered != story.Told)
            {
                story.Fault($"the status says that {ended.Status?.Counts?.Delivered} cars were told, and {story.Told} were");
            }
        });

        await stage.ApplyAsync(story.CampaignOf(revision: 2), cancellationToken);
        await story.HurryAsync(cancellationToken);
        await stage.WhenAsync(story.Name, "revision 2 to be over", status => status is { Revision: 2, Phase: CampaignPhase.Completed }, cancellationToken);
        stage.Say("Revision 2 was told to everybody. It is deleted, and created again as it was");
        DateTimeOffset again = await ReplaceAsync(stage, story, revision: 2, cancellationToken);
        await EndsAgainAsync(stage, story, CampaignPhase.Completed, 2, cancellationToken);
        ScenarioOutcome outcome = await story.EndAsync(cancellationToken);
        int copies = story.Cars.Sum(car => car.Seen.Count(seen => seen.FirstAt > again));
        return copies == 0 ? outcome : outcome with { Faults = [.. outcome.Faults, $"{copies} notices came after a finished campaign was created again"] };
    }

    /// <returns>When it was asked to go.</returns>
    private static async Task<DateTimeOffset> ReplaceAsync(ClusterStage stage, CampaignStory story, int revision, CancellationToken cancellationToken)
    {
        await stage.DeleteAsync(story.Name, cancellationToken);
        DateTimeOffset deleted = stage.Time.GetUtcNow();
        await stage.UntilAsync(
            $"{story.Name} to be gone", async token => await stage.Kubernetes.GetAsync<PushCampaign>(story.Name, stage.Options.Namespace, token) is null, cancellationToken);
        await stage.ApplyAsync(story.CampaignOf(revision), cancellationToken);
        return deleted;
    }

    /// <summary>The resource that was created again says how its revision had ended, and an event that nothing is sent.</summary>
    private static async Task<PushCampaign> EndsAgainAsync(ClusterStage stage, CampaignStory story, CampaignPhase phase, int events, CancellationToken cancellationToken)
    {
        PushCampaign ended = await stage.WhenAsync(story.Name, $"the end that it had had, {phase},", status => status.Phase == phase, cancellationToken);
        await stage.UntilAsync(
            "an event that says so",
            async token =>
            {
                string said = await stage.Kubectl.RunAsync(
                    token, "get", "events", "--field-selector", $"involvedObject.name={story.Name},reason=AlreadyPushed", "--output", "name");
                return said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= events;
            },
            cancellationToken);
        return ended;
    }
}
