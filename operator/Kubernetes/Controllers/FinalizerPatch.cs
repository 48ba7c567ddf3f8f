using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>
/// Adds and takes away our own finalizers. A merge patch replaces the whole list, so it names the version that the list was read from:
/// a finalizer that somebody else wrote meanwhile makes it a conflict instead of a loss.
/// </summary>
internal static class FinalizerPatch
{
    private const int Attempts = 5;

    /// <returns>The object as it is now; null when it is gone (or another one has its name).</returns>
    /// <exception cref="KubernetesException">Refused, or 409 again and again.</exception>
    public static Task<TEntity?> AddAsync<TEntity>(IKubernetesClient client, TEntity entity, IReadOnlyList<string> identifiers, string fieldManager, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        // A finalizer cannot be added to an object that is being deleted: the server refuses it.
        ChangeAsync(client, entity, current => current.IsBeingDeleted() ? Of(current) : [.. Of(current).Union(identifiers)], fieldManager, cancellationToken);

    /// <inheritdoc cref="AddAsync"/>
    public static Task<TEntity?> RemoveAsync<TEntity>(IKubernetesClient client, TEntity entity, string identifier, string fieldManager, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        ChangeAsync(client, entity, current => [.. Of(current).Where(finalizer => finalizer != identifier)], fieldManager, cancellationToken);

    private static List<string> Of<TEntity>(TEntity entity)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => entity.Metadata.Finalizers ?? [];

    private static async Task<TEntity?> ChangeAsync<TEntity>(
        IKubernetesClient client, TEntity entity, Func<TEntity, List<string>> wanted, string fieldManager, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var current = entity;
        for (var attempt = 1; ; attempt++)
        {
            var finalizers = wanted(current);
            if (finalizers.SequenceEqual(Of(current)))
            {
                return current;
            }

            try
            {
                var patch = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["resourceVersion"] = current.ResourceVersion(),
                        ["uid"] = current.Uid(),
                        ["finalizers"] = new JsonArray([.. finalizers.Select(static finalizer => JsonValue.Create(finalizer))]),
                    },
                };
                return await client.PatchAsync<TEntity>(V1Patch.Merge(patch), current.Name(), current.Namespace(), fieldManager: fieldManager, cancellationToken: cancellationToken);
            }
            catch (KubernetesException exception) when (exception.IsNotFound)
            {
                return null;
            }
            catch (KubernetesException exception) when (exception.IsConflict && attempt < Attempts)
            {
                var fresh = await client.GetAsync<TEntity>(entity.Name(), entity.Namespace(), cancellationToken);
                if (fresh is null || fresh.Uid() != entity.Uid())
                {
                    return null;
                }

                current = fresh;
            }
        }
    }
}
