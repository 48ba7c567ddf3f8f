using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Storage;

/// <summary>Where an object lives: <c>group/plural</c> of its resource, namespace (empty for cluster scope) and name.</summary>
internal sealed record ObjectKey(string Collection, string Namespace, string Name)
{
    /// <summary>The order of lists: by collection, namespace and name.</summary>
    public static Comparer<ObjectKey> Order { get; } = Comparer<ObjectKey>.Create((left, right) =>
    {
        int byCollection = string.CompareOrdinal(left.Collection, right.Collection);
        int byNamespace = byCollection != 0 ? byCollection : string.CompareOrdinal(left.Namespace, right.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(left.Name, right.Name);
    });
}

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One write. <paramref name="Object"/> carries the revision of the change, also when it was deleted.</summary>
internal sealed record Change(long Revision, ChangeType Type, ObjectKey Key, JsonObject Object, JsonObject? Previous);

internal sealed record Snapshot(long Revision, IReadOnlyList<KeyValuePair<ObjectKey, JsonObject>> Items);

/// <summary>
/// All objects of the cluster under one revision counter, with the last changes for those who watch. What is stored is never changed
/// afterwards: writers copy, change the copy and hand it in together with the original that they started from.
/// </summary>
/// <param name="historyLimit">Changes kept; whoever asks for an older one is told that it expired.</param>
internal sealed class ObjectStore(int historyLimit)
{
    private readonly Lock _mutex = new();
    private readonly SortedDictionary<ObjectKey, JsonObject> _objects = new(ObjectKey.Order);
    private readonly Dictionary<string, ObjectKey> _keysByUid = [];

    // Bounded by historyLimit; the oldest change goes and its watchers, if they are that far behind, get 410 and list again.
    private readonly List<Change> _history = [];
    private long _revision = 1;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Revision
    {
        get
        {
            lock (_mutex)
            {
                return _revision;
            }
        }
    }

    /// <summary>The oldest revision from which a watch can go on without a gap.</summary>
    public long OldestWatchable
    {
        get
        {
            lock (_mutex)
            {
                return Oldest();
            }
        }
    }

    public JsonObject? Get(ObjectKey key)
    {
        lock (_mutex)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    public bool HasUid(string uid)
    {
        lock (_mutex)
        {
            return _keysByUid.ContainsKey(uid);
        }
    }

    /// <summary>The objects that pass <paramref name="filter"/>, ordered by namespace and name, all of one moment.</summary>
    public Snapshot List(Func<ObjectKey, bool> filter)
    {
        lock (_mutex)
        {
            return new Snapshot(_revision, [.. _objects.Where(entry => filter(entry.Key))]);
        }
    }

    /// <summary>Stores a new object and stamps its resource version. False when the key is taken.</summary>
    public bool TryAdd(ObjectKey key, JsonObject value)
    {
        lock (_mutex)
        {
            if (_objects.ContainsKey(key))
            {
                return false;
            }
            Record(ChangeType.Added, key, value, previous: null);
            return true;
        }
    }

    /// <summary>Replaces exactly <paramref name="current"/>. False when somebody else was faster.</summary>
    public bool TryReplace(ObjectKey key, JsonObject current, JsonObject next)
    {
        lock (_mutex)
        {
            if (!ReferenceEquals(_objects.GetValueOrDefault(key), current))
            {
                return false;
            }
            Record(ChangeType.Modified, key, next, current);
            return true;
        }
    }

    /// <summary>Removes exactly <paramref name="current"/>. False when somebody else was faster.</summary>
    public bool TryRemove(ObjectKey key, JsonObject current)
    {
        lock (_mutex)
        {
            if (!ReferenceEquals(_objects.GetValueOrDefault(key), current))
            {
                return false;
            }
            Record(ChangeType.Deleted, key, current.Copy(), current);
            return true;
        }
    }

    /// <summary>The changes after <paramref name="revision"/>, oldest first, and the revision up to which they reach.</summary>
    /// <exception cref="ApiException">410: the history does not reach back that far.</exception>
    public (long UpTo, IReadOnlyList<Change> Changes) ChangesAfter(long revision)
    {
        lock (_mutex)
        {
            if (revision < Oldest())
            {
                throw ApiException.Expired(revision, Oldest());
            }
            int first = _history.Count;
            while (first > 0 && _history[first - 1].Revision > revision)
            {
                first--;
            }
            return (_revision, _history[first..]);
        }
    }

    /// <summary>Completes at once when there is a change after <paramref name="revision"/>, else at the next one.</summary>
    public Task ChangedAfterAsync(long revision)
    {
        lock (_mutex)
        {
            return _revision > revision ? Task.CompletedTask : _changed.Task;
        }
    }

    private long Oldest() => _history.Count == 0 ? _revision : _history[0].Revision - 1;

    private void Record(ChangeType type, ObjectKey key, JsonObject value, JsonObject? previous)
    {
        _revision++;
        value.Metadata()["resourceVersion"] = _revision.ToString();
        if (type == ChangeType.Deleted)
        {
            _objects.Remove(key);
            _keysByUid.Remove(value.Uid());
        }
        else
        {
            _objects[key] = value;
            _keysByUid[value.Uid()] = key;
        }
        _history.Add(new Change(_revision, type, key, value, previous));
        if (_history.Count > historyLimit)
        {
            _history.RemoveAt(0);
        }
        TaskCompletionSource waiters = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiters.SetResult();
    }
}
