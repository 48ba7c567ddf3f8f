using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>
/// The API server, typed by entity. A <c>namespace</c> of null means the cluster (for a list: every namespace).
/// Every call ends within the request time-out of the configuration, or throws <see cref="KubernetesException"/> (the server refused)
/// or <see cref="HttpRequestException"/> / <see cref="TimeoutException"/> (the server could not be asked).
/// 429 and 503 with Retry-After are waited for and repeated inside a call while its time-out allows.
/// </summary>
public interface IKubernetesClient
{
    /// <summary>Null when there is no such object (or no such kind).</summary>
    Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All pages of a consistent list.</summary>
    /// <exception cref="KubernetesException">Among others 410 <c>Expired</c> when the list was cut off between two pages: list again.</exception>
    Task<EntityList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Changes after <paramref name="resourceVersion"/>, over one connection. Ends when the server ends it (after 5–10 minutes): watch again from
    /// the last version seen. A connection on which nothing arrives, not even a bookmark, is given up.
    /// </summary>
    /// <exception cref="KubernetesException">410 <c>Expired</c>: the version is too old, list again.</exception>
    /// <exception cref="IOException">The connection broke or fell silent: watch again from the last version seen.</exception>
    IAsyncEnumerable<WatchEvent<TEntity>> WatchAsync<TEntity>(
        string resourceVersion, string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <param name="entity">What is to be there.</param>
    /// <param name="fieldManager">Who is said to own its fields.</param>
    /// <param name="dryRun">Everything is asked and answered as always, admission included, but nothing is kept.</param>
    /// <param name="cancellationToken">Ends the wait, not necessarily the write.</param>
    /// <exception cref="KubernetesException">409 <c>AlreadyExists</c>, 422 <c>Invalid</c>, …</exception>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, string? fieldManager = null, bool dryRun = false, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Merge or JSON patch of the object or one of its subresources. A merge patch that carries <c>metadata.resourceVersion</c> is refused with 409 when the object moved.
    /// </summary>
    /// <param name="patch">What to change.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="namespace">Its namespace, null for cluster-scoped kinds.</param>
    /// <param name="subresource">Null for the object itself, else for example <c>status</c>.</param>
    /// <param name="fieldManager">Who is said to own the changed fields.</param>
    /// <param name="cancellationToken">Ends the wait, not necessarily the write.</param>
    Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch, string name, string? @namespace = null, string? subresource = null, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Server-side apply (KEP-555): creates the object or brings the fields that <paramref name="entity"/> names to its values; fields that the same
    /// manager applied before and no longer names are removed; all others are left alone. <c>status</c> is not sent.
    /// </summary>
    /// <exception cref="KubernetesException">409 <c>Conflict</c> when another manager owns a field and <paramref name="force"/> is false, or the uid in the metadata is another one.</exception>
    Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Puts <c>status</c> in the place of the one that stands, by a JSON patch of that subresource. With a resourceVersion in the metadata the write is refused with 409
    /// when the object has changed or was made again since; a uid would be no such guard, the status of custom resources ignores it.
    /// </summary>
    /// <remarks>
    /// Not server-side apply: API servers before 1.22 count whoever created the object as an owner of its status, and keep what is to go.
    /// </remarks>
    Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, string fieldManager, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Null when there is no such object.</summary>
    Task<V1Scale?> GetScaleAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Sets <c>spec.replicas</c> through the scale subresource.</summary>
    Task<V1Scale> PatchScaleAsync<TEntity>(string name, string? @namespace, int replicas, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes; true when the object was there, false when it was already gone.</summary>
    /// <exception cref="KubernetesException">409 when a precondition of <paramref name="options"/> does not hold.</exception>
    Task<bool> DeleteAsync<TEntity>(string name, string? @namespace = null, V1DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Whether this server serves the kind in that group and version (answers are kept for 5 minutes).</summary>
    Task<bool> ServesAsync<TEntity>(CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;
}
