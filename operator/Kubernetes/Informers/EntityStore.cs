using System.Collections.Concurrent;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Informers;

/// <summary>Folds lists and watch events into the newest state, and says what each of them changed. Written by one informer, read by all.</summary>
internal sealed class EntityStore<TEntity> : IEntityStore<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<NamespacedName, TEntity> _entities = new();
    private volatile bool _synced;

    public bool HasSynced => _synced;

    public TEntity? Get(NamespacedName key) => _entities.GetValueOrDefault(key);

    public IReadOnlyList<TEntity> List(string? @namespace = null) =>
        [.. _entities.Where(entry => @namespace is null || entry.Key.Namespace == @namespace).Select(static entry => entry.Value)];

    /// <summary>Brings the store to a complete list. What is absent from it was deleted while nobody watched.</summary>
    public IReadOnlyList<EntityChange<TEntity>> Replace(EntityList<TEntity> list)
    {
        var changes = new List<EntityChange<TEntity>>();
        var present = list.Unreadable.ToHashSet();
        foreach (var entity in list.Items)
        {
            present.Add(entity.Key());
            changes.AddRange(Put(entity));
        }

        foreach (var key in _entities.Keys.Where(key => !present.Contains(key)).ToList())
        {
            changes.AddRange(Remove(key, last: null));
        }

        _synced = true;
        return changes;
    }

    /// <summary>An object that no longer fits its type stays as it was last readable.</summary>
    public IReadOnlyList<EntityChange<TEntity>> Apply(WatchEvent<TEntity> change) => change switch
    {
        { Type: WatchEventType.Bookmark } => [],
        { Type: WatchEventType.Deleted } => Remove(change.Key, change.Entity),
        { Entity: { } entity } => Put(entity),
        _ => [],
    };

    private IReadOnlyList<EntityChange<TEntity>> Put(TEntity entity)
    {
        var key = entity.Key();
        var old = _entities.GetValueOrDefault(key);
        _entities[key] = entity;
        if (old is null)
        {
            return [new(null, entity)];
        }

        if (old.Uid() != entity.Uid())
        {
            // Deleted and made again while nobody watched: two objects that happen to share a name.
            return [new(old, null), new(null, entity)];
        }

        return old.ResourceVersion() == entity.ResourceVersion() ? [] : [new(old, entity)];
    }

    private IReadOnlyList<EntityChange<TEntity>> Remove(NamespacedName key, TEntity? last) =>
        _entities.TryRemove(key, out var old) ? [new(last ?? old, null)] : [];
}
