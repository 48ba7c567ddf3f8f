using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private const string PageSize = "500";
    private static readonly TimeSpan DiscoveryKeptFor = TimeSpan.FromMinutes(5);

    private readonly KubernetesClientConfiguration _configuration;
    private readonly KubernetesJson _json;
    private readonly TimeProvider _time;
    private readonly EntityReader _reader;
    private readonly ApiTransport _transport;
    private readonly ConcurrentDictionary<Type, (bool Served, long At)> _discovered = new();

    /// <param name="configuration">Which server, as whom.</param>
    /// <param name="json">Knows the entities of other assemblies; default: only those of this one.</param>
    /// <param name="logger">For what is skipped.</param>
    /// <param name="time">For time-outs; default the system's.</param>
    public KubernetesClient(KubernetesClientConfiguration configuration, KubernetesJson? json = null, ILogger<KubernetesClient>? logger = null, TimeProvider? time = null)
        : this(configuration, json ?? new KubernetesJson(), new KubernetesMetrics(), logger ?? NullLogger<KubernetesClient>.Instance, time ?? TimeProvider.System)
    {
    }

    internal KubernetesClient(KubernetesClientConfiguration configuration, KubernetesJson json, KubernetesMetrics metrics, ILogger<KubernetesClient> logger, TimeProvider time, ApiContact? contact = null)
    {
        _configuration = configuration;
        _json = json;
        _time = time;
        _reader = new EntityReader(json, metrics, logger);
        _transport = new ApiTransport(configuration, json, metrics, time, contact);
    }

    public async Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        using var answer = await SendOrNullAsync(HttpMethod.Get, ResourcePath.Object(KindOf<TEntity>(), @namespace, name), content: null, cancellationToken);
        return answer is null ? null : _reader.Read<TEntity>(answer.RootElement);
    }

    public async Task<EntityList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var items = new List<TEntity>();
        var unreadable = new List<NamespacedName>();
        string? next = null;
        while (true)
        {
            var path = ResourcePath.WithQuery(
                ResourcePath.Collection(KindOf<TEntity>(), @namespace),
                ("limit", PageSize), ("continue", next), ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
            using var page = await _transport.SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
            foreach (var item in page.RootElement.TryGetProperty("items", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default)
            {
                if (_reader.TryRead<TEntity>(item) is { } entity)
                {
                    items.Add(entity);
                }
                else
                {
                    unreadable.Add(EntityReader.KeyOf(item));
                }
            }

            var metadata = page.RootElement.GetProperty("metadata").Deserialize(_json.TypeInfo<V1ListMeta>());
            next = metadata?.ContinueProperty;
            if (string.IsNullOrEmpty(next))
            {
                return new EntityList<TEntity>(metadata?.ResourceVersion ?? "", items, unreadable);
            }
        }
    }

    public async IAsyncEnumerable<WatchEvent<TEntity>> WatchAsync<TEntity>(
        string resourceVersion,
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        // Between 5 and 10 minutes, drawn anew each time: the watches of many clients must not all end together.
        var seconds = Random.Shared.Next(300, 600).ToString();
        var path = ResourcePath.WithQuery(
            ResourcePath.Collection(KindOf<TEntity>(), @namespace),
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion), ("timeoutSeconds", seconds),
            ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
        using var response = await _transport.OpenWatchAsync(path, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var lines = new WatchReader(body, _configuration.WatchIdleTimeout, _time);
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            using (line)
            {
                if (_reader.ReadEvent<TEntity>(line.RootElement, path) is { } change)
                {
                    yield return change;
                }
            }
        }
    }

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, string? fieldManager = null, bool dryRun = false, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = ResourcePath.WithQuery(ResourcePath.Collection(KindOf<TEntity>(), entity.Namespace()), ("fieldManager", fieldManager), ("dryRun", dryRun ? "All" : null));
        return WriteAsync<TEntity>(HttpMethod.Post, path, new ApiContent(JsonSerializer.SerializeToUtf8Bytes(entity, _json.TypeInfo<TEntity>()), "application/json"), cancellationToken);
    }

    public Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch, string name, string? @namespace = null, string? subresource = null, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = ResourcePath.WithQuery(ResourcePath.Object(KindOf<TEntity>(), @namespace, name, subresource), ("fieldManager", fieldManager));
        return WriteAsync<TEntity>(HttpMethod.Patch, path, new ApiContent(Encoding.UTF8.GetBytes(patch.Body), patch.ContentType), cancellationToken);
    }

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var body = ToJson(entity);
        body.Remove("status");
        var path = ResourcePath.WithQuery(
            ResourcePath.Object(KindOf<TEntity>(), entity.Namespace(), entity.Name()), ("fieldManager", fieldManager), ("force", force ? "true" : "false"));
        // JSON is YAML: one content type serves every server version.
        return WriteAsync<TEntity>(HttpMethod.Patch, path, new ApiContent(Encoding.UTF8.GetBytes(body.ToJsonString()), "application/apply-patch+yaml"), cancellationToken);
    }

    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, string fieldManager, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        JsonArray operations = [];
        if (entity.Metadata.ResourceVersion is { } version)
        {
            operations.Add(Put("/metadata/resourceVersion", version));
        }
        operations.Add(Put("/status", ToJson(entity)["status"]?.DeepClone() ?? new JsonObject()));
        return PatchAsync<TEntity>(V1Patch.Json(operations), entity.Name(), entity.Namespace(), "status", fieldManager, cancellationToken);
    }

    public async Task<V1Scale?> GetScaleAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        using var answer = await SendOrNullAsync(HttpMethod.Get, ResourcePath.Object(KindOf<TEntity>(), @namespace, name, "scale"), content: null, cancellationToken);
        return answer is null ? null : _reader.Read<V1Scale>(answer.RootElement);
    }

    public Task<V1Scale> PatchScaleAsync<TEntity>(string name, string? @namespace, int replicas, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = ResourcePath.WithQuery(ResourcePath.Object(KindOf<TEntity>(), @namespace, name, "scale"), ("fieldManager", fieldManager));
        var patch = V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } });
        return WriteAsync<V1Scale>(HttpMethod.Patch, path, new ApiContent(Encoding.UTF8.GetBytes(patch.Body), patch.ContentType), cancellationToken);
    }

    public async Task<bool> DeleteAsync<TEntity>(string name, string? @namespace = null, V1DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var content = options is null ? null : new ApiContent(JsonSerializer.SerializeToUtf8Bytes(options, _json.TypeInfo<V1DeleteOptions>()), "application/json");
        using var answer = await SendOrNullAsync(HttpMethod.Delete, ResourcePath.Object(KindOf<TEntity>(), @namespace, name), content, cancellationToken);
        return answer is not null;
    }

    public async Task<bool> ServesAsync<TEntity>(CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_discovered.TryGetValue(typeof(TEntity), out var known) && _time.GetElapsedTime(known.At) < DiscoveryKeptFor)
        {
            return known.Served;
        }

        var kind = KindOf<TEntity>();
        using var answer = await SendOrNullAsync(HttpMethod.Get, ResourcePath.GroupVersion(kind), content: null, cancellationToken);
        var served = answer?.RootElement.Deserialize(_json.TypeInfo<V1APIResourceList>())?.Resources.Exists(resource => resource.Name == kind.PluralName) == true;
        _discovered[typeof(TEntity)] = (served, _time.GetTimestamp());
        return served;
    }

    public void Dispose() => _transport.Dispose();

    private static KubernetesEntityAttribute KindOf<TEntity>() => KubernetesEntityAttribute.Of(typeof(TEntity));

    private JsonObject ToJson<TEntity>(TEntity entity) => JsonSerializer.SerializeToNode(entity, _json.TypeInfo<TEntity>())!.AsObject();

    private static JsonObject Put(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };

    private async Task<TEntity> WriteAsync<TEntity>(HttpMethod method, string path, ApiContent content, CancellationToken cancellationToken)
    {
        using var answer = await _transport.SendAsync(method, path, content, cancellationToken);
        return _reader.Read<TEntity>(answer.RootElement);
    }

    private async Task<JsonDocument?> SendOrNullAsync(HttpMethod method, string path, ApiContent? content, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.SendAsync(method, path, content, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }
}
