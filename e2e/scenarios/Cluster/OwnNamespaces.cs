namespace PushPlatform.Scenarios.Cluster;

/// <summary>"One namespace for each team", as the chart's README has it: the first release watches its own, and a team has another release. It ends as it began.</summary>
internal sealed class OwnNamespaces : IAsyncDisposable
{
    private const string Space = "e2e-team";
    private readonly ClusterStage _first;
    private SecondRelease? _team;

    private OwnNamespaces(ClusterStage first) => _first = first;

    public SecondRelease Team => _team!;

    /// <summary>The team's.</summary>
    public ClusterStage Stage { get; private set; } = null!;

    public static async Task<OwnNamespaces> BeginAsync(ClusterStage first, CancellationToken cancellationToken)
    {
        OwnNamespaces own = new(first);
        try
        {
            first.Say("The first release is told to watch its own namespace, and a team installs another one");
            await first.Release.UpgradeAsync(cancellationToken, "watchAllNamespaces=false");
            own._team = await SecondRelease.InstallAsync(first, Space, cancellationToken, "watchAllNamespaces=false");
            own.Stage = await own._team.StageAsync(cancellationToken);
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
        return own;
    }

    public async ValueTask DisposeAsync()
    {
        // First, so that there is an operator for what the team leaves, whatever has become of the team's.
        await _first.Release.UpgradeAsync(CancellationToken.None, "watchAllNamespaces=true");
        if (_team is not null)
        {
            await _team.DisposeAsync();
        }
    }
}
