using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>All that was said about one controller.</summary>
internal sealed class ControllerRegistration<TEntity>(Func<IServiceProvider, IEntityController<TEntity>> controller)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    public List<FinalizerRegistration<TEntity>> Finalizers { get; } = [];

    /// <summary>Connects another kind's informer, and says which one it is so that the workers wait for its first list.</summary>
    public List<Func<IServiceProvider, ControllerHost<TEntity>, IInformer>> Sources { get; } = [];

    public ControllerHost<TEntity> Build(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<OperatorSettings>();
        var informer = provider.GetRequiredService<Informer<TEntity>>();
        var reconciler = new Reconciler<TEntity>(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<IKubernetesClient>(),
            informer.Store,
            controller,
            Finalizers,
            settings.Name);
        var sources = new List<IInformer> { informer };
        var host = new ControllerHost<TEntity>(
            KubernetesEntityAttribute.Of(typeof(TEntity)).Kind.ToLowerInvariant(),
            reconciler,
            informer.Store,
            sources,
            provider.GetRequiredService<ILeadership>(),
            settings,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<KubernetesMetrics>(),
            provider.GetRequiredService<ILogger<ControllerHost<TEntity>>>());
        informer.Subscribe(host.OnChange);
        sources.AddRange(Sources.Select(connect => connect(provider, host)));
        return host;
    }
}

internal sealed class ControllerBuilder<TEntity>(OperatorBuilder operatorBuilder, ControllerRegistration<TEntity> registration) : IControllerBuilder<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const int LongestName = 63;

    public IServiceCollection Services => operatorBuilder.Services;

    public OperatorSettings Settings => operatorBuilder.Settings;

    public IControllerBuilder<TEntity> AddFinalizer<TFinalizer>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
    {
        var slash = identifier.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == identifier.Length - 1 || identifier.Length - slash - 1 > LongestName)
        {
            throw new ArgumentException($"'{identifier}' is no finalizer's name: domain/name, with at most {LongestName} characters after the slash", nameof(identifier));
        }

        Services.AddScoped<TFinalizer>();
        registration.Finalizers.Add(new FinalizerRegistration<TEntity>(identifier, static provider => provider.GetRequiredService<TFinalizer>()));
        return this;
    }

    public IControllerBuilder<TEntity> Owns<TOwned>(string? labelSelector = null)
        where TOwned : class, IKubernetesObject<V1ObjectMeta> =>
        Watches<TOwned>(static (owned, _) => OwnerOf(owned), labelSelector);

    public IControllerBuilder<TEntity> Watches<TSource>(Func<TSource, IEntityStore<TEntity>, IEnumerable<NamespacedName>> map, string? labelSelector = null)
        where TSource : class, IKubernetesObject<V1ObjectMeta>
    {
        operatorBuilder.AddInformer<TSource>(labelSelector);
        registration.Sources.Add((provider, host) =>
        {
            var informer = provider.GetRequiredService<Informer<TSource>>();
            var store = provider.GetRequiredService<Informer<TEntity>>().Store;
            informer.Subscribe(change =>
            {
                // Both states: what an object has ceased to belong to has to know as well.
                foreach (var key in new[] { change.Old, change.New }.OfType<TSource>().SelectMany(source => map(source, store)))
                {
                    host.Wake(key);
                }
            });
            return informer;
        });
        return this;
    }

    public IControllerBuilder<TOther> AddController<TController, TOther>()
        where TController : class, IEntityController<TOther>
        where TOther : class, IKubernetesObject<V1ObjectMeta> => operatorBuilder.AddController<TController, TOther>();

    public IOperatorBuilder AddInformer<TOther>(string? labelSelector = null)
        where TOther : class, IKubernetesObject<V1ObjectMeta> => operatorBuilder.AddInformer<TOther>(labelSelector);

    /// <summary>The owner may have been written by another version of the API: group and kind decide, not the version.</summary>
    private static IEnumerable<NamespacedName> OwnerOf<TOwned>(TOwned owned)
        where TOwned : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KubernetesEntityAttribute.Of(typeof(TEntity));
        return owned.GetController() is { } owner && owner.Kind == kind.Kind && GroupOf(owner.ApiVersion) == kind.Group
            ? [new NamespacedName(owned.Namespace() ?? "", owner.Name)]
            : [];
    }

    private static string GroupOf(string apiVersion) =>
        apiVersion.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? apiVersion[..slash] : "";
}
