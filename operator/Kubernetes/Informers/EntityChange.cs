using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Informers;

/// <summary>What an informer tells: from nothing to something, from one state to the next, or to nothing.</summary>
/// <param name="Old">Null when the object is new.</param>
/// <param name="New">Null when it is gone.</param>
internal sealed record EntityChange<TEntity>(TEntity? Old, TEntity? New)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    public NamespacedName Key => (New ?? Old)!.Key();

    /// <summary>
    /// Whether an object's own controller has to look: everything a person can decide moves the generation, a label, an annotation, a finalizer or the deletion.
    /// A change of nothing but status is the controller's own writing. Kinds without a generation always matter.
    /// </summary>
    public bool MattersToItsController()
    {
        if (Old is null || New is null)
        {
            return true;
        }

        var (before, after) = (Old.Metadata, New.Metadata);
        return after.Generation is null or 0
            || before.Generation != after.Generation
            || before.DeletionTimestamp != after.DeletionTimestamp
            || !Same(before.Labels, after.Labels)
            || !Same(before.Annotations, after.Annotations)
            || !(before.Finalizers ?? []).SequenceEqual(after.Finalizers ?? []);
    }

    private static bool Same(Dictionary<string, string>? before, Dictionary<string, string>? after) =>
        (before?.Count ?? 0) == (after?.Count ?? 0)
        && (before is null || before.All(entry => after!.TryGetValue(entry.Key, out var value) && value == entry.Value));
}
