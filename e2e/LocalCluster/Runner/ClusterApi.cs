using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>
/// Untyped objects over the transport of our Kubernetes client: what the runner copies from templates to pods must arrive whole, also
/// the fields that no model of ours has.
/// </summary>
internal sealed class ClusterApi(KubernetesClientConfiguration configuration, TimeProvider time) : IDisposable
{
    public const string Pods = "api/v1/pods";
    public const string Services = "api/v1/services";
    public const string ReplicaSets = "apis/apps/v1/replicasets";
    public const string Deployments = "apis/apps/v1/deployments";
    private const string FieldManager = "localcluster";
    private readonly KubernetesMetrics _metrics = new();
    private ApiTransport? _transport;

    private ApiTransport Transport => _transport ??= new ApiTransport(configuration, new KubernetesJson(), _metrics, time);

    /// <summary>The path of an object, from its collection's path over all namespaces.</summary>
    public static string PathOf(string collection, string ns, string name)
    {
        int plural = collection.LastIndexOf('/');
        return $"{collection[..plural]}/namespaces/{ns}{collection[plural..]}{(name.Length == 0 ? "" : "/" + name)}";
    }

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, "", cancellation);

    public Task<JsonObject> CreateAsync(string collection, JsonObject value, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"{PathOf(collection, value.Namespace(), "")}?fieldManager={FieldManager}", value, "application/json", cancellation);

    public Task<JsonObject> MergeAsync(string path, JsonObject patch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}", patch, "application/merge-patch+json", cancellation);

    public Task<JsonObject> ApplyAsync(string path, JsonObject value, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force=true", value, "application/apply-patch+yaml", cancellation);

    /// <summary>Deletes the object if it still is the one with this uid; one that is gone already is not an error.</summary>
    public async Task DeleteAsync(string path, string uid, int? graceSeconds, CancellationToken cancellation)
    {
        JsonObject options = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = new JsonObject { ["uid"] = uid },
            ["propagationPolicy"] = "Background",
        };
        if (graceSeconds is { } grace)
        {
            options["gracePeriodSeconds"] = grace;
        }
        try
        {
            await SendAsync(HttpMethod.Delete, path, options, "application/json", cancellation);
        }
        catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Somebody else was faster, or another object has the name now.
        }
    }

    /// <summary>The events of a watch, until the server ends it.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string collection, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpResponseMessage response = await Transport.OpenWatchAsync($"{collection}?watch=true&allowWatchBookmarks=true&resourceVersion={resourceVersion}", cancellation);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        await using WatchReader reader = new(body, configuration.WatchIdleTimeout, time);
        while (await reader.ReadAsync(cancellation) is { } line)
        {
            using (line)
            {
                yield return JsonObject.Create(line.RootElement.Clone())!;
            }
        }
    }

    public void Dispose()
    {
        _transport?.Dispose();
        _metrics.Dispose();
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, string contentType, CancellationToken cancellation)
    {
        ApiContent? content = body is null ? null : new ApiContent(Api.Http.Bodies.Encode(body), contentType);
        using JsonDocument answer = await Transport.SendAsync(method, path, content, cancellation);
        return JsonObject.Create(answer.RootElement.Clone())!;
    }
}
