using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Informers;

/// <summary>The newest known state of every object of a kind in the watched namespace. It lags the server by the watch's delay; its objects are shared and must not be changed.</summary>
public interface IEntityStore<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>True once a complete list has been stored. Until then absence means nothing.</summary>
    bool HasSynced { get; }

    /// <summary>Null when no such object is known.</summary>
    TEntity? Get(NamespacedName key);

    /// <summary>A snapshot, in no order.</summary>
    IReadOnlyList<TEntity> List(string? @namespace = null);
}
