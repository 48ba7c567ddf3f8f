using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>
/// Brings the world to what an entity asks for. Called with the newest object known, never twice at once for one object, on the leader only,
/// in a DI scope of its own. It is called again after every change that matters (spec, labels, annotations, finalizers, deletion, an owned object),
/// at each resync, and when a result asks for it, so it must be idempotent.
/// An exception is retried for ever, with a capped backoff. The entity is shared: read it, do not change it.
/// </summary>
public interface IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>The object is gone. Not called for objects that went while no operator ran: what must happen belongs in a finalizer.</summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>
/// Keeps an object in the API server until its work is done. The identifier is added before the first reconcile and taken away
/// when <see cref="FinalizeAsync"/> succeeds without asking to be called again. Foreign finalizers are never touched and never waited for.
/// </summary>
public interface IEntityFinalizer<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
