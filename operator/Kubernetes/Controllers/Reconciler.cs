using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>A finalizer as it was registered.</summary>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, Func<IServiceProvider, IEntityFinalizer<TEntity>> Resolve)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>;

/// <summary>One run for one object: which of the controller's and the finalizers' methods are called, and with what.</summary>
internal sealed class Reconciler<TEntity>(
    IServiceScopeFactory scopes,
    IKubernetesClient client,
    IEntityStore<TEntity> store,
    Func<IServiceProvider, IEntityController<TEntity>> controller,
    IReadOnlyList<FinalizerRegistration<TEntity>> finalizers,
    string fieldManager)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <param name="key">The object's key.</param>
    /// <param name="gone">An object of that name that was deleted and not yet spoken of.</param>
    /// <param name="cancellationToken">Shutdown, lost leadership or the time limit of a run.</param>
    /// <returns>Null when there is nothing left to do.</returns>
    public async Task<ReconciliationResult<TEntity>?> RunAsync(NamespacedName key, TEntity? gone, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (gone is not null)
        {
            var farewell = await controller(scope.ServiceProvider).DeletedAsync(gone, cancellationToken);
            if (!farewell.IsSuccess)
            {
                return farewell;
            }
        }

        if (store.Get(key) is not { } entity)
        {
            return null;
        }

        return entity.IsBeingDeleted()
            ? await FinalizeAsync(entity, scope.ServiceProvider, cancellationToken)
            : await ReconcileAsync(entity, scope.ServiceProvider, cancellationToken);
    }

    private async Task<ReconciliationResult<TEntity>?> ReconcileAsync(TEntity entity, IServiceProvider services, CancellationToken cancellationToken)
    {
        var missing = finalizers.Select(static finalizer => finalizer.Identifier).Where(identifier => !entity.HasFinalizer(identifier)).ToList();
        var current = missing.Count == 0 ? entity : await FinalizerPatch.AddAsync(client, entity, missing, fieldManager, cancellationToken);

        // Gone or going while we looked: the watch brings the rest of the story.
        return current is null || current.IsBeingDeleted() ? null : await controller(services).ReconcileAsync(current, cancellationToken);
    }

    private async Task<ReconciliationResult<TEntity>?> FinalizeAsync(TEntity entity, IServiceProvider services, CancellationToken cancellationToken)
    {
        var current = entity;
        foreach (var finalizer in finalizers.Where(finalizer => entity.HasFinalizer(finalizer.Identifier)))
        {
            var result = await finalizer.Resolve(services).FinalizeAsync(current, cancellationToken);
            if (!result.IsSuccess || result.RequeueAfter is not null)
            {
                return result;
            }

            if (await FinalizerPatch.RemoveAsync(client, current, finalizer.Identifier, fieldManager, cancellationToken) is not { } next)
            {
                return null;
            }

            current = next;
        }

        return null;
    }
}
