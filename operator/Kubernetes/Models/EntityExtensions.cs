namespace PushPlatform.Kubernetes.Models;

/// <summary>Short forms for what controllers ask of every object; the names are KubernetesClient's.</summary>
public static class EntityExtensions
{
    /// <summary>The object's name; empty while the server has not given it one.</summary>
    public static string Name(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.Name ?? "";

    public static string? Namespace(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.NamespaceProperty;

    public static string Uid(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.Uid ?? "";

    public static string? ResourceVersion(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.ResourceVersion;

    /// <summary>0 for kinds that the server keeps no generation for.</summary>
    public static long Generation(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.Generation ?? 0;

    /// <summary>True from the delete call until the last finalizer is gone.</summary>
    public static bool IsBeingDeleted(this IKubernetesObject<V1ObjectMeta> entity) => entity.Metadata.DeletionTimestamp is not null;

    public static NamespacedName Key(this IKubernetesObject<V1ObjectMeta> entity) => new(entity.Namespace() ?? "", entity.Name());

    public static bool HasFinalizer(this IKubernetesObject<V1ObjectMeta> entity, string identifier) =>
        entity.Metadata.Finalizers?.Contains(identifier) == true;

    public static string? GetLabel(this IKubernetesObject<V1ObjectMeta> entity, string key) =>
        entity.Metadata.Labels?.GetValueOrDefault(key);

    public static string? GetAnnotation(this IKubernetesObject<V1ObjectMeta> entity, string key) =>
        entity.Metadata.Annotations?.GetValueOrDefault(key);

    /// <summary>A controller's owner reference: garbage collection follows it, and the owner is woken when the owned object changes.</summary>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> owner) => new()
    {
        ApiVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Name(),
        Uid = owner.Uid(),
        Controller = true,
        BlockOwnerDeletion = true,
    };

    /// <summary>The one owner that controls this object, if any.</summary>
    public static V1OwnerReference? GetController(this IKubernetesObject<V1ObjectMeta> entity) =>
        entity.Metadata.OwnerReferences?.Find(static reference => reference.Controller == true);

    public static V1ObjectReference MakeObjectReference(this IKubernetesObject<V1ObjectMeta> entity) => new()
    {
        ApiVersion = entity.ApiVersion,
        Kind = entity.Kind,
        Name = entity.Name(),
        NamespaceProperty = entity.Namespace(),
        Uid = entity.Metadata.Uid,
        ResourceVersion = entity.Metadata.ResourceVersion,
    };
}
