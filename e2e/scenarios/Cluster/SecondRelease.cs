using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>Another release of the chart, in a namespace of its own, with Redis and RabbitMQ of the first one, which are somebody else's to it.</summary>
internal sealed class SecondRelease : IAsyncDisposable
{
    private const string Servers = $"{ChartRelease.Name}-servers";

    private static readonly string[] OnlyWhatAFirstOneLacks =
    [
        "crds.enabled=false", "rbac.aggregateToDefaultRoles=false", "nginx.enabled=false", "tests.enabled=false", "operator.replicas=1",
        "redis.bundled.enabled=false", "rabbitmq.bundled.enabled=false", $"redis.secret.name={Servers}", $"rabbitmq.secret.name={Servers}",
        // Two pools are to fit on one small machine.
        "pool.spec.template.resources.requests.cpu=50m",
    ];

    private readonly ClusterStage _first;
    private readonly string[] _more;
    private readonly string _values;

    private SecondRelease(ClusterStage first, string space, string values, string[] more)
    {
        (_first, _values, _more) = (first, values, more);
        Kubectl = new Kubectl(space);
        Release = new ChartRelease(space);
        Space = space;
    }

    public string Space { get; }

    public Kubectl Kubectl { get; }

    public ChartRelease Release { get; }

    /// <summary>Makes the namespace and installs it there.</summary>
    /// <param name="first">Where the first one is.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="more">As with <c>--set</c>.</param>
    public static async Task<SecondRelease> InstallAsync(ClusterStage first, string space, CancellationToken cancellationToken, params string[] more)
    {
        SecondRelease second = new(first, space, await first.Release.ValuesAsync(cancellationToken), more);
        try
        {
            await first.MakeNamespaceAsync(space, cancellationToken);
            V1Secret servers = await first.Kubernetes.GetAsync<V1Secret>(Servers, first.Options.Namespace, cancellationToken)
                ?? throw new InvalidOperationException($"There is no Secret {Servers}.");
            await first.Kubernetes.ApplyAsync(
                new V1Secret
                {
                    Metadata = new V1ObjectMeta { Name = Servers, NamespaceProperty = space },
                    Data = servers.Data?.Where(pair => pair.Key is "redis" or "rabbitmq").ToDictionary(),
                },
                ClusterStage.FieldManager,
                cancellationToken: cancellationToken);
            await second.InstallAsync(cancellationToken);
        }
        catch
        {
            await second.DisposeAsync();
            throw;
        }
        return second;
    }

    /// <summary>Also once more, when it was uninstalled.</summary>
    public Task InstallAsync(CancellationToken cancellationToken) => Release.InstallAsync(_values, [.. OnlyWhatAFirstOneLacks, .. _more], cancellationToken);

    /// <summary>What people and cars of this release see. There is no nginx: all cars come through the Service.</summary>
    public async Task<ClusterStage> StageAsync(CancellationToken cancellationToken)
    {
        string port = await Kubectl.RunAsync(cancellationToken, "get", "service", $"push-{ClusterOptions.Pool}", "--output", "jsonpath={.spec.ports[0].nodePort}");
        Uri service = new UriBuilder(_first.Options.Service) { Port = int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) }.Uri;
        return new ClusterStage(_first.Options with { Namespace = Space, Service = service, Nginx = service }, _first.Kubernetes, _first.Say, _first.Time);
    }

    /// <summary>Campaigns and pools go while an operator is there that lets them; then everything else, which nobody waits for.</summary>
    public async ValueTask DisposeAsync()
    {
        await Kubectl.TryAsync(null, CancellationToken.None, "delete", "pushcampaigns,pushpools", "--all", "--timeout=60s");
        try
        {
            // What of it is in no namespace goes with it.
            await Release.UninstallAsync(CancellationToken.None);
        }
        catch (InvalidOperationException failed)
        {
            _first.Say(failed.Message);
        }
        await Kubectl.TryAsync(null, CancellationToken.None, "delete", "namespace", Space, "--wait=false");
    }
}
