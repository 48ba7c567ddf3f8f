namespace PushPlatform.Scenarios.Cluster;

/// <summary>A user's story on a real cluster. It may be played again on the same one, and leaves nothing that the next one minds.</summary>
internal interface IClusterScenario
{
    /// <summary>As it is asked for on the command line.</summary>
    string Name { get; }

    /// <summary>What happens in it, in a sentence.</summary>
    string Story { get; }

    /// <exception cref="TimeoutException">Something that had to happen did not.</exception>
    Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken);
}
