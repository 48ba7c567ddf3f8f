namespace PushPlatform.Scenarios.Cluster;

/// <summary>A person changes the template of the pool's nodes while a campaign runs. Every car is sent to a new node with a word of goodbye, not all at once, and is told once.</summary>
internal sealed class RolloutScenario : IClusterScenario
{
    private const int Cars = 600;

    // Half of the cars are at a node, which sends them away over drainSeconds (10 in e2e/values.yaml): were they all sent at once, a second would have half of them.
    private const int MostInASecond = Cars / 4;

    public string Name => "rollout";

    public string Story => "The pool's nodes are replaced by a rolling update in mid-campaign: each car gets its bye, and nothing is lost";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        IReadOnlyList<string> before = await stage.Pods.NodesAsync(cancellationToken);
        DateTimeOffset begin = stage.Time.GetUtcNow();
        await story.MeanwhileAsync("The template of the nodes is changed", async () =>
        {
            // Stays there, as kubectl rollout restart leaves its own.
            string patch = $$"""{"spec": {"template": {"podAnnotations": {"example.com/rollout": "{{stage.Time.GetUtcNow():MMddHHmmss}}"} } } }""";
            await stage.Kubectl.RunAsync(cancellationToken, "patch", "ppool", "default", "--type=merge", "--patch", patch);
            await stage.Pods.WhenReplacedAsync(before, cancellationToken);
            await story.WhenAllHaveMovedAsync(cancellationToken);
        });

        story.JudgeByes();
        int most = MostWithinASecond([.. story.Cars.SelectMany(car => car.Welcomes).Where(at => at > begin).Order()]);
        stage.Say($"Most reconnects within a second: {most}");
        if (most > MostInASecond)
        {
            story.Fault($"{most} cars came back within a second, and must be {MostInASecond} at most");
        }
        return await story.EndAsync(cancellationToken);
    }

    /// <param name="moments">In order.</param>
    private static int MostWithinASecond(IReadOnlyList<DateTimeOffset> moments)
    {
        int most = 0;
        for (int first = 0, last = 0; last < moments.Count; last++)
        {
            while (moments[last] - moments[first] >= TimeSpan.FromSeconds(1))
            {
                first++;
            }
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}
