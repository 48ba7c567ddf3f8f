using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>One line of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="ResourceVersion">Everything up to here has been seen.</param>
/// <param name="Key">Which object; both parts are empty in a bookmark.</param>
/// <param name="Entity">Null in a bookmark and when the object does not fit <typeparamref name="TEntity"/>.</param>
public sealed record WatchEvent<TEntity>(WatchEventType Type, string ResourceVersion, NamespacedName Key, TEntity? Entity)
    where TEntity : class;
