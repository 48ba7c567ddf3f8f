using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>What a reconcile came to, and when to look again.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity) => Entity = entity;

    public TEntity Entity { get; }

    public bool IsSuccess => ErrorMessage is null;

    /// <summary>A failure that only a change of the object can cure: it is not retried.</summary>
    public bool IsTerminal { get; private init; }

    public string? ErrorMessage { get; private init; }

    public Exception? Error { get; private init; }

    /// <summary>When to look again at the latest; any change comes before it.</summary>
    public TimeSpan? RequeueAfter { get; private init; }

    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity) { RequeueAfter = requeueAfter };

    /// <summary>Retried after <paramref name="requeueAfter"/>, or with the capped backoff when that is null.</summary>
    public static ReconciliationResult<TEntity> Failure(TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity) { ErrorMessage = errorMessage, Error = error, RequeueAfter = requeueAfter };

    /// <summary>Not retried until the object changes (or the periodic resync comes round).</summary>
    public static ReconciliationResult<TEntity> Terminal(TEntity entity, string errorMessage, Exception? error = null) =>
        new(entity) { ErrorMessage = errorMessage, Error = error, IsTerminal = true };
}
