using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.KubectlPush.Cluster;

/// <summary>
/// The API server, asked with the user's own rights. Objects are passed on as they stand, also the members that this plugin does not know: it may be older than the cluster.
/// </summary>
internal sealed class ClusterApi : IDisposable
{
    private const string FieldManager = "kubectl-push";

    private readonly KubernetesClientConfiguration _configuration;
    private readonly KubernetesMetrics _metrics = new();
    private readonly ApiTransport _transport;

    private ClusterApi(KubernetesClientConfiguration configuration, string @namespace, TimeProvider time)
    {
        (_configuration, Namespace) = (configuration, @namespace);
        _transport = new ApiTransport(configuration, Resource.Json, _metrics, time);
    }

    /// <summary>The namespace that was asked for, or else the context's.</summary>
    public string Namespace { get; }

    public ApiTransport Transport => _transport;

    public Uri Host => _configuration.Host;

    public ICredentialSource? Credentials => _configuration.Credentials;

    /// <exception cref="KubeConfigException">The kubeconfig cannot be used.</exception>
    public static ClusterApi Open(ClusterOptions options, TimeProvider time)
    {
        KubernetesClientConfiguration configuration = options.Kubeconfig is { } file
            ? KubeConfigLoader.LoadFiles([file], time, options.Context)
            : KubeConfigLoader.LoadDefault(time, options.Context);
        return new ClusterApi(configuration, options.Namespace ?? configuration.Namespace, time);
    }

    /// <summary>Where a collection or an object of ours stands; a null namespace means all.</summary>
    public static string PathOf(string plural, string? @namespace, string? name = null) =>
        $"apis/pushplatform.io/v1alpha1{(@namespace is null ? "" : $"/namespaces/{Uri.EscapeDataString(@namespace)}")}/{plural}{(name is null ? "" : $"/{Uri.EscapeDataString(name)}")}";

    /// <exception cref="KubernetesException">Any answer but a good one.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonElement> CreateAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"{path}?fieldManager={FieldManager}", new ApiContent(Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json"), cancellationToken);

    public Task<JsonElement> MergeAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}", new ApiContent(Encoding.UTF8.GetBytes(patch.ToJsonString()), "application/merge-patch+json"), cancellationToken);

    /// <summary>The pages of a list, one after the other.</summary>
    /// <param name="path">Of the collection.</param>
    /// <param name="labels">A selector; null = all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<JsonElement> ListAsync(string path, string? labels, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            JsonElement page = await GetAsync(ResourcePath.WithQuery(path, ("labelSelector", labels), ("limit", "500"), ("continue", next)), cancellationToken);
            foreach (JsonElement item in page.TryGetProperty("items", out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default)
            {
                yield return item;
            }
            next = page.TryGetProperty("metadata", out JsonElement metadata) && metadata.TryGetProperty("continue", out JsonElement token) ? token.GetString() : null;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public void Dispose()
    {
        _transport.Dispose();
        _metrics.Dispose();
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, ApiContent? content, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await _transport.SendAsync(method, path, content, cancellationToken);
        return answer.RootElement.Clone();
    }
}
