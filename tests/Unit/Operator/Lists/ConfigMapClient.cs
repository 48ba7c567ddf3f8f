using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Tests.Unit.Operator.Lists;

/// <summary>An API server with one ConfigMap, as a test puts it there.</summary>
internal sealed class ConfigMapClient : IKubernetesClient
{
    private V1ConfigMap? _map;
    private long _version;

    /// <summary>Instead of an answer.</summary>
    public Exception? Fault { get; set; }

    public void Keep(string name, params (string Key, string Text)[] data) => Keep(new V1ConfigMap
    {
        Metadata = new V1ObjectMeta { Name = name },
        Data = data.ToDictionary(entry => entry.Key, entry => entry.Text),
    });

    public void Keep(V1ConfigMap map)
    {
        map.Metadata = map.Metadata with { Uid = "map", ResourceVersion = $"{++_version}" };
        _map = map;
    }

    public async Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        await Task.CompletedTask;
        return Fault is { } fault ? throw fault : _map?.Metadata.Name == name ? _map as TEntity : null;
    }

    public Task<EntityList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<TEntity>> WatchAsync<TEntity>(
        string resourceVersion, string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, string? fieldManager = null, bool dryRun = false, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch, string name, string? @namespace = null, string? subresource = null, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, string fieldManager, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<V1Scale?> GetScaleAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<V1Scale> PatchScaleAsync<TEntity>(string name, string? @namespace, int replicas, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<bool> DeleteAsync<TEntity>(string name, string? @namespace = null, V1DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<bool> ServesAsync<TEntity>(CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();
}
