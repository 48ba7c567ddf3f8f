using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>Puts an operator together; what <c>AddKubernetesOperator</c> returns.</summary>
public interface IOperatorBuilder
{
    IServiceCollection Services { get; }

    OperatorSettings Settings { get; }

    /// <summary>One controller per entity type. Its informer's store is injectable as <see cref="IEntityStore{TEntity}"/>.</summary>
    /// <exception cref="InvalidOperationException">The entity has a controller already.</exception>
    IControllerBuilder<TEntity> AddController<TController, TEntity>()
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Lists and watches a kind that has no controller, for its <see cref="IEntityStore{TEntity}"/>. Adding it twice is adding it once.</summary>
    /// <param name="labelSelector">Narrows what is held; the first one given for a kind holds, another one is an error.</param>
    IOperatorBuilder AddInformer<TEntity>(string? labelSelector = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;
}

/// <summary>Says what else belongs to one controller.</summary>
public interface IControllerBuilder<TEntity> : IOperatorBuilder
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <param name="identifier"><c>domain/name</c>, at most 63 characters after the slash; it stays in objects, so it never changes.</param>
    IControllerBuilder<TEntity> AddFinalizer<TFinalizer>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>;

    /// <summary>A change of a <typeparamref name="TOwned"/> wakes the <typeparamref name="TEntity"/> that its controller owner reference names. Status changes count.</summary>
    IControllerBuilder<TEntity> Owns<TOwned>(string? labelSelector = null)
        where TOwned : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>A change of a <typeparamref name="TSource"/> wakes the entities that <paramref name="map"/> names.</summary>
    IControllerBuilder<TEntity> Watches<TSource>(Func<TSource, IEntityStore<TEntity>, IEnumerable<NamespacedName>> map, string? labelSelector = null)
        where TSource : class, IKubernetesObject<V1ObjectMeta>;
}
