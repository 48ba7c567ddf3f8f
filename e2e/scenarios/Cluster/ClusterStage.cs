using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>A real cluster with the chart installed, as people and cars outside of it see it.</summary>
internal sealed class ClusterStage(ClusterOptions options, IKubernetesClient kubernetes, Action<string> say, TimeProvider time)
{
    /// <summary>Whose the fields are that stories write.</summary>
    public const string FieldManager = "push-e2e";

    // A rolling update or a pod that is put elsewhere takes its time on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public ClusterOptions Options => options;

    public IKubernetesClient Kubernetes => kubernetes;

    public TimeProvider Time => time;

    /// <summary>What people type.</summary>
    public Kubectl Kubectl { get; } = new(options.Namespace);

    public ClusterPods Pods => new(this);

    /// <summary>The chart's release in this namespace.</summary>
    public ChartRelease Release => new(options.Namespace);

    /// <summary>Tells whoever watches what happens.</summary>
    public void Say(string what) => say(what);

    /// <summary>The same, as people of another namespace see it.</summary>
    public ClusterStage In(string space) => new(options with { Namespace = space }, kubernetes, say, time);

    /// <summary>Cars that connect there.</summary>
    public VehicleFleet NewFleet(Uri endpoint) => new(new FleetOptions { Endpoints = [endpoint], Time = time });

    /// <summary>Makes it where it is missing, after the one of an earlier run is gone.</summary>
    public async Task MakeNamespaceAsync(string name, CancellationToken cancellationToken)
    {
        await UntilAsync(
            $"the earlier namespace {name} to be gone",
            async token => await Kubectl.RunAsync(token, "get", "namespace", name, "--ignore-not-found", "--output", "jsonpath={.status.phase}") != "Terminating",
            cancellationToken);
        await Kubectl.ApplyAsync($$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{name}}"} }""", cancellationToken);
    }

    public Task ApplyAsync(PushCampaign campaign, CancellationToken cancellationToken) =>
        kubernetes.ApplyAsync(campaign, FieldManager, force: true, cancellationToken);

    public Task SuspendAsync(string campaign, bool suspend, CancellationToken cancellationToken) => kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["suspend"] = suspend } }),
        campaign,
        options.Namespace,
        cancellationToken: cancellationToken);

    public Task<bool> DeleteAsync(string campaign, CancellationToken cancellationToken) =>
        kubernetes.DeleteAsync<PushCampaign>(campaign, options.Namespace, cancellationToken: cancellationToken);

    public Task<PushCampaign> WhenTrueAsync(string campaign, string condition, CancellationToken cancellationToken) => WhenAsync(
        campaign,
        condition,
        status => status.Conditions?.Any(found => found.Type == condition && found.Status == "True") == true,
        cancellationToken);

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public async Task<string> FirstPodAsync(string labels, CancellationToken cancellationToken) =>
        (await kubernetes.ListAsync<V1Pod>(options.Namespace, labels, cancellationToken: cancellationToken)).Items.Select(pod => pod.Metadata.Name).FirstOrDefault()
            ?? throw new InvalidOperationException($"There is no pod with {labels}.");

    /// <summary>
    /// Ends a pod without the time that it asks for. One second, not none: with none the API forgets the pod while its processes may still run, and a stateful pod would
    /// meet its successor on one volume.
    /// </summary>
    public Task KillAsync(string pod, CancellationToken cancellationToken) =>
        kubernetes.DeleteAsync<V1Pod>(pod, options.Namespace, new V1DeleteOptions { GracePeriodSeconds = 1 }, cancellationToken);

    /// <exception cref="TimeoutException">It did not become so; says what the status was.</exception>
    public async Task<PushCampaign> WhenAsync(string campaign, string what, Func<PushCampaignStatus, bool> holds, CancellationToken cancellationToken)
    {
        PushCampaign? found = null;
        await UntilAsync(
            $"{what} of {campaign}",
            async token =>
            {
                found = await kubernetes.GetAsync<PushCampaign>(campaign, options.Namespace, token) ?? found;
                return found?.Status is { } status && holds(status);
            },
            cancellationToken,
            () => $"It is {found?.Status?.Phase}: {found?.Status?.Message}");
        return found!;
    }

    /// <summary>Looks twice a second, for as long as the API server stays away too.</summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <param name="holds">Whether it is so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="instead">How things are when it did not become so.</param>
    /// <exception cref="TimeoutException">It did not become so.</exception>
    public async Task UntilAsync(string what, Func<CancellationToken, Task<bool>> holds, CancellationToken cancellationToken, Func<string>? instead = null)
    {
        long begin = time.GetTimestamp();
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(500), time);
        while (true)
        {
            try
            {
                if (await holds(cancellationToken))
                {
                    return;
                }
            }
            catch (Exception away) when (away is HttpRequestException or TimeoutException)
            {
                say($"The API server cannot be asked: {away.Message}");
            }
            if (time.GetElapsedTime(begin) > Patience)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for {what}, in vain. {instead?.Invoke()}");
            }
            await look.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The ledger, for the audit at the end.</summary>
    public Task<LedgerAndCars> OpenLedgerAsync(CancellationToken cancellationToken) => LedgerAndCars.OpenAsync(options.Redis, time, cancellationToken);
}
