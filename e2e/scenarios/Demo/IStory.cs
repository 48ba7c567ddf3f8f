namespace PushPlatform.Scenarios.Demo;

/// <summary>What is played on a stage.</summary>
internal interface IStory : IAsyncDisposable
{
    /// <summary>Plays it to its end and says what came of it.</summary>
    /// <exception cref="TimeoutException">Something that had to happen did not.</exception>
    Task<StoryReport> PlayAsync(CancellationToken cancellationToken);
}
